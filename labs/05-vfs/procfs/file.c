/*
 * procfs: files that print. The text is made when the file is read from its start and then kept
 * until it is closed, so that a reader in portions sees one consistent text.
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/procfs/procfs.h"

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

static int refresh(struct file *f)
{
	struct printer *p = f->private;
	int error;

	p->len = 0;
	p->failed = false;
	error = make_text(proc_i(f->inode), p);
	return error ? error : p->failed ? -ENOMEM : 0;
}

static ssize_t proc_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct printer *p = f->private;
	size_t n, copied;

	if (*pos == 0 || !p->buf) {
		int error = refresh(f);

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

static int proc_open(struct inode *i, struct file *f)
{
	const struct proc_pid_entry *e = proc_i(i)->entry;
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
	f->private = kzalloc(sizeof(struct printer), GFP_KERNEL);
	return f->private ? 0 : -ENOMEM;
}

static void proc_release(struct file *f)
{
	printer_free(f->private);
	kfree(f->private);
}

const struct inode_ops proc_file_inode_ops = { .open = proc_open };

const struct file_ops proc_file_ops = {
	.read = proc_read,
	.write = proc_write,
	.lseek = generic_file_lseek,
	.release = proc_release,
};
