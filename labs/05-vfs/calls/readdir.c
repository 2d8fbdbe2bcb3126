/*
 * getdents64(2) and getdents(2).
 *
 * Entries are gathered in a buffer in the kernel, so that the directory is locked only while
 * nothing can fault, and then copied out. An entry that does not fit any more is not consumed: the
 * position that is left in the file is that of the first entry not returned.
 */
#include "common/abi/dirent.h"
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

/* Of 32 KiB, which the C library asks with, we fill less at a time: getdents64(2) may. */
#define BUFFER_MAX	8192UL

struct getdents {
	struct dir_context context;
	char *buf;
	size_t size, used;
	bool too_small;			/* not even the first entry fitted */
};

static struct getdents *getdents_of(struct dir_context *c)
{
	return container_of(c, struct getdents, context);
}

/*
 * Room for a record of len bytes, zeroed, or NULL. Only the padding has to be cleared, which lies
 * in the last word: kernel memory would leak through it.
 */
static void *take(struct getdents *g, size_t len)
{
	char *at = g->buf + g->used;

	if (g->size - g->used < len) {
		g->too_small = !g->used;
		return NULL;
	}
	g->used += len;
	memset(at + len - 8, 0, 8);	/* what the name leaves of the last word */
	return at;
}

/*
 * Records are multiples of 8 bytes, so that the next one's numbers are aligned. d_off is the
 * position of the next entry, a cookie that only the file system understands; seekdir(3) gives it
 * back.
 */
static bool emit64(struct dir_context *c, const char *name, size_t len, u64 ino, unsigned type,
		   loff_t next)
{
	size_t record = ALIGN_UP(sizeof(struct linux_dirent64) + len + 1, 8UL);
	struct linux_dirent64 *d = take(getdents_of(c), record);

	if (!d)
		return false;
	d->d_ino = ino;
	d->d_off = next;
	d->d_reclen = record;
	d->d_type = type;
	memcpy(d->d_name, name, len);
	d->d_name[len] = '\0';
	return true;
}

/*
 * The older call. Its record had no field for the type; since Linux 2.6.4 that is the last byte
 * (getdents(2)).
 */
static bool emit(struct dir_context *c, const char *name, size_t len, u64 ino, unsigned type,
		 loff_t next)
{
	size_t record = ALIGN_UP(sizeof(struct linux_dirent) + len + 2, 8UL);
	struct linux_dirent *d = take(getdents_of(c), record);

	if (!d)
		return false;
	d->d_ino = ino;
	d->d_off = next;
	d->d_reclen = record;
	memcpy(d->d_name, name, len);
	d->d_name[len] = '\0';
	((char *)d)[record - 1] = type;
	return true;
}

/*
 * Read entries of f at its position; f->pos_lock is held. Bytes, 0 at the end, or errno. An error
 * behind the first entries is kept for the next call, which will meet it again. A buffer that is
 * too small even for one entry is EINVAL (getdents(2)): 0 would mean the end.
 */
static long read_entries(struct file *f, struct getdents *g)
{
	struct inode *i = f->inode;
	int error = -ENOENT;

	g->context.pos = f->pos;
	down_read(&i->lock);
	if (i->nlink)			/* not removed meanwhile */
		error = f->ops->readdir(f, &g->context);
	up_read(&i->lock);
	file_accessed(f);
	if (g->used) {
		f->pos = g->context.pos;
		return g->used;
	}
	if (error)
		return error;
	f->pos = g->context.pos;
	return g->too_small ? -EINVAL : 0;
}

/*
 * The position's lock keeps two threads that read one directory from getting the same entries
 * twice.
 */
static long do_getdents(int fd, void __user *user, unsigned size, typeof(emit) *emit_fn)
{
	struct getdents g = {
		.context = { .emit = emit_fn }, .size = MIN((size_t)size, BUFFER_MAX),
	};
	struct file *f = fd_get(fd);
	loff_t before;
	long n;

	if (!f)
		return -EBADF;
	n = -ENOTDIR;
	if (!f->ops->readdir || !f->inode)
		goto out;
	n = -ENOMEM;
	g.buf = kmalloc(g.size, GFP_KERNEL);
	if (!g.buf)
		goto out;
	mutex_lock(&f->pos_lock);
	before = f->pos;
	n = read_entries(f, &g);
	if (n > 0 && copy_to_user(user, g.buf, n)) {
		f->pos = before;
		n = -EFAULT;
	}
	mutex_unlock(&f->pos_lock);
	kfree(g.buf);
out:
	file_put(f);
	return n;
}

SYSCALL3(217, getdents64, int, fd, struct linux_dirent64 __user *, buf, unsigned, size)
{
	return do_getdents(fd, buf, size, emit64);
}

SYSCALL3(78, getdents, int, fd, struct linux_dirent __user *, buf, unsigned, size)
{
	return do_getdents(fd, buf, size, emit);
}
