/*
 * procfs: files that print. The text is made when the file is read from its start and then kept
 * until it is closed, so that a reader in portions sees one consistent text. Who wants it anew
 * seeks to 0 (top(1) keeps its files open like that) or opens it again.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/procfs/procfs.h"

/*
 * f->private. The lock keeps two readers of one open file apart: read(2) holds the lock of the
 * file's position, pread(2) none, and whoever makes the text anew may move it. It comes behind the
 * position's lock, with which it shares the rank: printing takes any lock but those before it.
 */
struct open_text {
	struct mutex lock;		/* RANK_FILE_POS; protects: */
	struct printer text;
};

/* Print what i shows. */
static int make_text(struct proc_inode *i, struct printer *out)
{
	struct proc_task t;
	int error;

	if (i->node)
		return i->node->entry->print ? i->node->entry->print(out) : -EINVAL;
	error = proc_task_get(i, &t);
	if (error)
		return error;
	/* Asked again: the process may have become another user's since the file was opened. */
	if (i->entry->owner_only && !proc_may_inspect(&t))
		error = -EACCES;
	else
		error = i->entry->print ? i->entry->print(t.process, t.thread, out) : -EINVAL;
	proc_task_put(&t);
	return error;
}

static int refresh(struct file *f, struct printer *p)
{
	int error;

	p->len = 0;
	p->failed = false;
	error = make_text(proc_i(f->inode), p);
	return error ? error : p->failed ? -ENOMEM : 0;
}

static ssize_t read_text(struct file *f, struct printer *p, struct iov_iter *it, loff_t *pos)
{
	size_t n, copied;

	if (*pos == 0 || !p->buf) {
		int error = refresh(f, p);

		if (error)
			return error;
	}
	if (*pos < 0 || (u64)*pos >= p->len)
		return 0;
	n = MIN(it->count, p->len - *pos);
	copied = copy_to_iter(p->buf + *pos, n, it);
	*pos += copied;
	return copied || !n ? (ssize_t)copied : -EFAULT;
}

/*
 * Entries that cannot be written have no write permission; root, who may open them all the same:
 * EINVAL.
 */
static ssize_t proc_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct open_text *o = f->private;
	ssize_t n;

	mutex_lock_nested(&o->lock);
	n = read_text(f, &o->text, it, pos);
	mutex_unlock(&o->lock);
	return n;
}

static int write_text(struct proc_inode *i, char *text)
{
	struct proc_task t;
	int error;

	if (i->node)
		return i->node->entry->write ? i->node->entry->write(text) : -EINVAL;
	error = proc_task_get(i, &t);
	if (error)
		return error;
	error = i->entry->write ? i->entry->write(t.process, t.thread, text) : -EINVAL;
	proc_task_put(&t);
	return error;
}

/*
 * One write(2) is one value: "echo 5 > file" arrives with its newline, which is cut off. What is
 * longer than a page is cut, and the caller sees that from the count.
 */
static ssize_t proc_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	size_t n = MIN(it->count, PAGE_SIZE - 1);
	char *text = kmalloc(n + 1, GFP_KERNEL);
	int error;

	if (!text)
		return -ENOMEM;
	if (copy_from_iter(text, n, it) < n) {
		kfree(text);
		return -EFAULT;
	}
	text[n] = '\0';
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	error = write_text(proc_i(f->inode), text);
	kfree(text);
	if (error)
		return error;
	*pos += n;
	return n;
}

/* The check that mode bits cannot express; made before any text is, so that open(2) says EACCES. */
static int proc_open(struct inode *i, struct file *f)
{
	const struct proc_pid_entry *e = proc_i(i)->entry;
	struct open_text *o;
	struct proc_task t;
	bool may;
	int error;

	if (e && e->owner_only) {
		error = proc_task_get(proc_i(i), &t);
		if (error)
			return error;
		may = proc_may_inspect(&t);
		proc_task_put(&t);
		if (!may)
			return -EACCES;
	}
	o = kzalloc(sizeof(*o), GFP_KERNEL);
	if (!o)
		return -ENOMEM;
	mutex_init(&o->lock, "text of a /proc file", RANK_FILE_POS);
	f->private = o;
	return 0;
}

static void proc_release(struct file *f)
{
	struct open_text *o = f->private;

	printer_free(&o->text);
	kfree(o);
}

const struct inode_ops proc_file_inode_ops = { .open = proc_open, .setattr = proc_setattr };

const struct file_ops proc_file_ops = {
	.read = proc_read,
	.write = proc_write,
	.lseek = generic_file_lseek,
	.release = proc_release,
};
