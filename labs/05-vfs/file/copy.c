/*
 * From file to file inside the kernel: sendfile(2), copy_file_range(2).
 *
 * Data goes through one buffer: read into it, written from it. When less is written than was read
 * (a full pipe, a signal), the source's position is set to what was written.
 *
 * Linux moves pages by a pipe instead; a buffer is simpler and copies once more. The offsets a
 * caller gives are not the files' positions, so only positions that are used are locked.
 */
#include "common/errno.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

#define CHUNK	(16 * PAGE_SIZE)

/*
 * One portion: bytes written, 0 at the end of `in`, or errno. What was read from `in` and not
 * written is read again next time, which is why `in` must have positions.
 */
static ssize_t copy_chunk(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos,
			  char *buf, size_t n)
{
	loff_t start = *in_pos;
	struct iov_iter it;
	ssize_t got, put;

	iov_iter_kernel(&it, buf, n);
	got = file_read(in, &it, in_pos);
	if (got <= 0)
		return got;
	iov_iter_kernel(&it, buf, got);
	put = file_write(out, &it, out_pos);
	*in_pos = start + MAX(put, 0);
	return put;
}

/*
 * A signal ends the copy between two portions; what was done counts. For a portion that blocks,
 * write itself decides.
 */
static ssize_t copy_files(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos,
			  size_t count)
{
	char *buf = kmalloc(MIN(count, CHUNK), GFP_KERNEL);
	ssize_t done = 0, n = 0;

	if (!buf)
		return -ENOMEM;
	while (count) {
		size_t want = MIN(count, CHUNK);

		n = copy_chunk(in, in_pos, out, out_pos, buf, want);
		if (n <= 0)
			break;
		done += n;
		count -= n;
		/*
		 * A short portion is the end of the file, or a full pipe: the caller sees how far
		 * it got.
		 */
		if ((size_t)n < want || wait_interrupted(WAIT_INTERRUPTIBLE))
			break;
	}
	kfree(buf);
	return done ? done : n;
}

/*
 * Lock the positions that are the files' own, in order of address. Two threads may copy between
 * the same two files in both directions.
 */
static void lock_positions(struct file *a, struct file *b)
{
	if (a && b && a > b) {
		struct file *t = a;

		a = b;
		b = t;
	}
	if (a)
		mutex_lock(&a->pos_lock);
	if (b && b != a)
		mutex_lock_nested(&b->pos_lock);
}

static void unlock_positions(struct file *a, struct file *b)
{
	if (a)
		mutex_unlock(&a->pos_lock);
	if (b && b != a)
		mutex_unlock(&b->pos_lock);
}

static bool seekable(const struct file *f)
{
	return f->ops->lseek;
}

/*
 * offset NULL: at the file's own position. sendfile(2): the source must be something with pages
 * (or at least positions), the destination may be anything that can be written to.
 */
static ssize_t send_file(struct file *out, struct file *in, loff_t *offset, size_t count)
{
	struct file *in_own = !offset && seekable(in) ? in : NULL;
	struct file *out_own = seekable(out) ? out : NULL;
	loff_t none = 0;
	ssize_t n;

	if (!FILE_READABLE(in) || !FILE_WRITABLE(out))
		return -EBADF;
	if (!in->inode || !in->ops->read || !seekable(in) || S_ISDIR(in->inode->mode))
		return offset && !seekable(in) ? -ESPIPE : -EINVAL;
	if (out->flags & O_APPEND)
		return -EINVAL;
	if (offset && *offset < 0)
		return -EINVAL;
	lock_positions(in_own, out_own);
	n = copy_files(in, in_own ? &in->pos : offset, out, out_own ? &out->pos : &none,
		       MIN(count, IO_MAX));
	unlock_positions(in_own, out_own);
	return n;
}

SYSCALL4(40, sendfile, int, out_fd, int, in_fd, loff_t __user *, user_offset, size_t, count)
{
	struct file *in, *out;
	loff_t offset = 0;
	ssize_t n = -EBADF;

	if (user_offset && get_user(offset, user_offset))
		return -EFAULT;
	in = fd_get(in_fd);
	out = fd_get(out_fd);
	if (in && out)
		n = send_file(out, in, user_offset ? &offset : NULL, count);
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	if (n >= 0 && user_offset && put_user(offset, user_offset))
		n = -EFAULT;
	return n;
}

/*
 * Only what there is to copy counts, and can overlap: whole files are copied with a huge count. It
 * is cut down here, so that a file copied to its own end does not go on for ever.
 */
static int may_copy_range(const struct file *in, const struct file *out, loff_t in_pos,
			  loff_t out_pos, size_t *want)
{
	size_t count = *want;

	if (!in->inode || !out->inode)
		return -EINVAL;
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (!FILE_READABLE(in) || !FILE_WRITABLE(out) || (out->flags & O_APPEND))
		return -EBADF;
	if (in->inode->super != out->inode->super)
		return -EXDEV;
	if (in_pos < 0 || out_pos < 0)
		return -EINVAL;
	if (in_pos + (loff_t)count < in_pos || out_pos + (loff_t)count < out_pos)
		return -EOVERFLOW;
	*want = count = MIN(count, (size_t)MAX(READ_ONCE(in->inode->size) - in_pos, 0));
	if (in->inode == out->inode && in_pos < out_pos + (loff_t)count &&
	    out_pos < in_pos + (loff_t)count)
		return -EINVAL;
	return 0;
}

static ssize_t copy_range(struct file *in, loff_t *in_off, struct file *out, loff_t *out_off,
			  size_t count)
{
	struct file *in_own = in_off ? NULL : in, *out_own = out_off ? NULL : out;
	ssize_t n;

	lock_positions(in_own, out_own);
	if (in_own)
		in_off = &in->pos;
	if (out_own)
		out_off = &out->pos;
	n = may_copy_range(in, out, *in_off, *out_off, &count);
	if (!n && count)
		n = copy_files(in, in_off, out, out_off, count);
	unlock_positions(in_own, out_own);
	return n;
}

/*
 * Regular files of one file system only, else EXDEV: Linux is as strict since 5.19, except between
 * file systems of one type that know how (copy_file_range(2)). Programs fall back to read and
 * write.
 */
SYSCALL6(326, copy_file_range, int, in_fd, loff_t __user *, user_in, int, out_fd,
	 loff_t __user *, user_out, size_t, count, unsigned, flags)
{
	loff_t in_off = 0, out_off = 0;
	struct file *in, *out;
	ssize_t n = -EBADF;

	if ((user_in && get_user(in_off, user_in)) || (user_out && get_user(out_off, user_out)))
		return -EFAULT;
	in = fd_get(in_fd);
	out = fd_get(out_fd);
	if (in && out && flags)
		n = -EINVAL;
	else if (in && out)
		n = copy_range(in, user_in ? &in_off : NULL, out, user_out ? &out_off : NULL,
			       MIN(count, IO_MAX));
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	if (n > 0 && ((user_in && put_user(in_off, user_in)) ||
		      (user_out && put_user(out_off, user_out))))
		n = -EFAULT;
	return n;
}
