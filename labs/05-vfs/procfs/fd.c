/*
 * procfs: /proc/PID/fd and /proc/PID/fdinfo.
 *
 * An entry of fd is a magic link (proc(5)): following it leads to the very file that is open,
 * deleted or not, without walking the text that readlink(2) shows. A file that has no path gets a
 * place to walk to by reopen.c. Opening it makes a new open file: position and flags are its own.
 *
 * Nothing of the descriptor is kept in the inode but its number, and nothing is cached: each step
 * looks into the table again, and takes a reference to what it finds.
 */
#include "common/errno.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/procfs/procfs.h"

/* The file that i stands for, with a reference; -ENOENT, -ESRCH. *cloexec as its slot says. */
static struct file *fd_file(struct proc_inode *i, bool *cloexec)
{
	struct proc_task t;
	struct file *f;
	int error = proc_task_get(i, &t);

	if (error)
		return ERR_PTR(error);
	f = process_fd_get(t.process, i->fd, cloexec);
	proc_task_put(&t);
	return f ? f : ERR_PTR(-ENOENT);
}

/* Asked when a link is read or followed, not when it is listed: the directory has mode 0500. */
static bool may_see(struct proc_inode *i)
{
	struct proc_task t;
	bool may;

	if (proc_task_get(i, &t))
		return false;
	may = proc_may_inspect(&t);
	proc_task_put(&t);
	return may;
}

/* ---- fd/N: links to what is open ---- */

static int fd_follow(struct inode *i, struct path *p)
{
	struct file *f;
	bool cloexec;
	int error = 0;

	if (!may_see(proc_i(i)))
		return -EACCES;
	f = fd_file(proc_i(i), &cloexec);
	if (IS_ERR(f))
		return PTR_ERR(f);
	if (f->dentry) {
		*p = (struct path){ f->mount, f->dentry };
		path_get(p);
	} else {
		error = file_unnamed_path(f, p);
	}
	file_put(f);
	return error;
}

/* A file without a path is called by its kind. */
static ssize_t unnamed_text(struct file *f, char *buf, size_t size)
{
	struct stat st = { 0 };

	if (f->ops->name) {
		f->ops->name(f, buf, size);
		return strlen(buf);
	}
	if (!file_stat(f, &st) && S_ISCHR(st.st_mode))
		return strlcpy(buf, "/dev/console", size);
	return strlcpy(buf, "anon_inode:[unknown]", size);
}

static ssize_t fd_readlink(struct inode *i, char *buf, size_t size)
{
	char *text;
	struct file *f;
	bool cloexec;
	ssize_t len;

	if (!may_see(proc_i(i)))
		return -EACCES;
	f = fd_file(proc_i(i), &cloexec);
	if (IS_ERR(f))
		return PTR_ERR(f);
	text = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!text) {
		len = -ENOMEM;
	} else if (f->dentry) {
		struct path p = { f->mount, f->dentry };
		char *s = path_name(&p, text, PATH_MAX);

		len = IS_ERR(s) ? PTR_ERR(s) : (ssize_t)MIN(strlen(s), size);
		if (len > 0)
			memcpy(buf, s, len);
	} else {
		len = MIN((size_t)unnamed_text(f, text, PATH_MAX), size);
		memcpy(buf, text, len);
	}
	kfree(text);
	file_put(f);
	return len;
}

const struct inode_ops proc_fd_link_ops = { .readlink = fd_readlink, .follow = fd_follow };

/* ---- fdinfo/N ---- */

static int print_fdinfo(struct file *f, bool cloexec, struct printer *out)
{
	unsigned flags = (f->flags & 0x7fffffff) | (cloexec ? O_CLOEXEC : 0);

	print(out, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n", f->pos, flags,
	      f->mount ? f->mount->id : 0, f->inode ? f->inode->ino : 0);
	if (f->ops->show)
		f->ops->show(f, out);
	return 0;
}

/*
 * Printed once, when opened: what is read belongs together, and need not be locked. The number is
 * taken from the inode, since fdinfo's entries cannot tell by process and thread alone.
 */
static int fdinfo_open(struct inode *i, struct file *f)
{
	struct printer *out;
	struct file *shown;
	bool cloexec;

	if (!may_see(proc_i(i)))
		return -EACCES;
	shown = fd_file(proc_i(i), &cloexec);
	if (IS_ERR(shown))
		return PTR_ERR(shown);
	out = kzalloc(sizeof(*out), GFP_KERNEL);
	if (out)
		print_fdinfo(shown, cloexec, out);
	file_put(shown);
	f->private = out;
	return out ? 0 : -ENOMEM;
}

static ssize_t fdinfo_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct printer *p = f->private;
	size_t n, copied;

	if (p->failed)
		return -ENOMEM;
	if ((u64)*pos >= p->len)
		return 0;
	n = MIN(it->count, p->len - *pos);
	copied = copy_to_iter(p->buf + *pos, n, it);
	*pos += copied;
	return copied || !n ? (ssize_t)copied : -EFAULT;
}

static void fdinfo_release(struct file *f)
{
	printer_free(f->private);
	kfree(f->private);
}

static const struct inode_ops fdinfo_ops = { .open = fdinfo_open };
static const struct file_ops fdinfo_file_ops = {
	.read = fdinfo_read, .lseek = generic_file_lseek, .release = fdinfo_release,
};

/* ---- the directories ---- */

/* An inode for descriptor number `name`, or ERR_PTR: -ENOENT if it is not in use. */
static struct inode *number_inode(struct inode *dir, const char *name, size_t len, u32 mode)
{
	int fd = proc_parse_number(name, len);
	struct file *f;
	struct inode *i;
	struct proc_inode probe = { .pid = proc_i(dir)->pid, .is_thread = proc_i(dir)->is_thread,
				    .fd = fd };
	bool cloexec;

	if (fd < 0)
		return ERR_PTR(-ENOENT);
	f = fd_file(&probe, &cloexec);
	if (IS_ERR(f))
		return ERR_PTR(-ENOENT);
	if (S_ISLNK(mode)) {
		mode |= FILE_READABLE(f) ? 0500 : 0;
		mode |= FILE_WRITABLE(f) ? 0300 : 0;
	}
	file_put(f);
	i = proc_pid_inode(dir->super, probe.pid, probe.is_thread, mode);
	if (!i)
		return ERR_PTR(-ENOMEM);
	proc_i(i)->fd = fd;
	return i;
}

static struct inode *fd_lookup(struct inode *dir, const char *name, size_t len)
{
	struct inode *i = number_inode(dir, name, len, S_IFLNK);

	if (!IS_ERR(i)) {
		i->ops = &proc_fd_link_ops;
		i->size = 64;
	}
	return i;
}

static struct inode *fdinfo_lookup(struct inode *dir, const char *name, size_t len)
{
	struct inode *i = number_inode(dir, name, len, S_IFREG | 0444);

	if (!IS_ERR(i)) {
		i->ops = &fdinfo_ops;
		i->file_ops = &fdinfo_file_ops;
	}
	return i;
}

/* A descriptor may have been closed, or opened differently, since. */
static bool fd_revalidate(struct inode *dir, struct dentry *d)
{
	return false;
}

const struct inode_ops proc_fd_dir_ops = { .lookup = fd_lookup, .revalidate = fd_revalidate };
const struct inode_ops proc_fdinfo_dir_ops = {
	.lookup = fdinfo_lookup, .revalidate = fd_revalidate,
};

/* By number, so that descriptors may come and go between two calls. */
static int fd_readdir(struct file *f, struct dir_context *c)
{
	unsigned type = f->inode->ops == &proc_fd_dir_ops ? DT_LNK : DT_REG;
	struct proc_task t;
	char name[16];
	int error;

	for (; c->pos < 2; c->pos++)
		if (!c->emit(c, "..", c->pos + 1, f->inode->ino, DT_DIR, c->pos + 1))
			return 0;
	error = proc_task_get(proc_i(f->inode), &t);
	if (error)
		return error;
	for (;;) {
		int fd = c->pos - 2, len;
		bool cloexec;
		struct file *open = process_fd_next(t.process, &fd, &cloexec);

		if (!open)
			break;
		file_put(open);
		len = snprintf(name, sizeof(name), "%d", fd);
		if (!c->emit(c, name, len, f->inode->ino + 1 + fd, type, fd + 3))
			break;
		c->pos = fd + 3;
	}
	proc_task_put(&t);
	return 0;
}

const struct file_ops proc_fd_dir_file_ops = {
	.read = generic_read_dir, .lseek = generic_file_lseek, .readdir = fd_readdir,
};
