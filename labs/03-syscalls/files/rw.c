/*
 * read(2), write(2) and all their relatives: they find the file, the position and the buffers; the
 * file's operations do the rest.
 *
 * A file can be sought in if it has an lseek operation; pipes, sockets and terminals have none.
 * Then the position in struct file is used under its lock, so that two threads' reads, or a
 * parent's and a child's writes through one inherited file, do not overlap (POSIX 2.9.7). The lock
 * is held while the data moves, which files with a position do without waiting for another process;
 * a pipe's reader may wait for ever and therefore takes no lock. pread and pwrite (POSIX pread():
 * "shall not change the file offset") bring a position of their own and need none either.
 *
 * The descriptor's reference is held until the call is done: close() by another thread takes the
 * number away, and not the file.
 */
#include "03-syscalls/file.h"
#include "03-syscalls/syscall.h"
#include "common/abi/ioctl.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"

typedef ssize_t (*transfer_fn)(struct file *f, struct iov_iter *it, loff_t *pos);

/* At the file's own position, or at none at all: what cannot be sought in ignores *pos. */
static ssize_t at_file_pos(struct file *f, struct iov_iter *it, transfer_fn transfer)
{
	loff_t ignored = 0;
	ssize_t n;

	if (!f->ops->lseek)
		return transfer(f, it, &ignored);
	mutex_lock(&f->pos_lock);
	n = transfer(f, it, &f->pos);
	mutex_unlock(&f->pos_lock);
	return n;
}

/* At a position that the caller gives: only where there are positions (ESPIPE). */
static ssize_t at_pos(struct file *f, struct iov_iter *it, loff_t pos, transfer_fn transfer)
{
	return f->ops->lseek ? transfer(f, it, &pos) : -ESPIPE;
}

/* The error for a buffer that lies outside user memory: a wrong mode is complained of first. */
static ssize_t bad_buffer(const struct file *f, transfer_fn transfer)
{
	return (transfer == file_read ? FILE_READABLE(f) : FILE_WRITABLE(f)) ? -EFAULT : -EBADF;
}

static ssize_t simple(int fd, void __user *buf, size_t count, transfer_fn transfer)
{
	struct file *f = fd_get(fd);
	struct iov_iter it;
	ssize_t n;

	if (!f)
		return -EBADF;
	iov_iter_user(&it, buf, count);
	/* Checked before anything moves: a count of -1 is EFAULT and no huge transfer. */
	if (unlikely(!user_range_ok((u64)buf, count)))
		n = bad_buffer(f, transfer);
	else
		n = at_file_pos(f, &it, transfer);
	file_put(f);
	return n;
}

SYSCALL3(0, read, int, fd, void __user *, buf, size_t, count)
{
	return simple(fd, buf, count, file_read);
}

SYSCALL3(1, write, int, fd, const void __user *, buf, size_t, count)
{
	return simple(fd, (void __user *)buf, count, file_write);
}

static ssize_t simple_at(int fd, void __user *buf, size_t count, loff_t pos, transfer_fn transfer)
{
	struct file *f;
	struct iov_iter it;
	ssize_t n;

	if (pos < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	iov_iter_user(&it, buf, count);
	if (f->ops->lseek && !user_range_ok((u64)buf, count))
		n = bad_buffer(f, transfer);
	else
		n = at_pos(f, &it, pos, transfer);
	file_put(f);
	return n;
}

SYSCALL4(17, pread64, int, fd, void __user *, buf, size_t, count, loff_t, pos)
{
	return simple_at(fd, buf, count, pos, file_read);
}

SYSCALL4(18, pwrite64, int, fd, const void __user *, buf, size_t, count, loff_t, pos)
{
	return simple_at(fd, (void __user *)buf, count, pos, file_write);
}

/*
 * Several segments; pos NULL: at the file's position. flags: of struct iov_iter. All segments are
 * one transfer under one lock: writev is not a loop of writes (POSIX writev(), atomic where write
 * is).
 */
static ssize_t vector(int fd, const struct iovec __user *iov, int segments, const loff_t *pos,
		      unsigned flags, transfer_fn transfer)
{
	struct file *f = fd_get(fd);
	struct iovec *allocated = NULL;
	struct iov_iter it;
	ssize_t n;

	if (!f)
		return -EBADF;
	n = pos && !f->ops->lseek ? -ESPIPE : iov_iter_import(&it, iov, segments, &allocated);
	it.flags = flags;
	if (n == 0)
		n = pos ? at_pos(f, &it, *pos, transfer) : at_file_pos(f, &it, transfer);
	kfree(allocated);
	file_put(f);
	return n;
}

SYSCALL3(19, readv, int, fd, const struct iovec __user *, iov, int, segments)
{
	return vector(fd, iov, segments, NULL, 0, file_read);
}

SYSCALL3(20, writev, int, fd, const struct iovec __user *, iov, int, segments)
{
	return vector(fd, iov, segments, NULL, 0, file_write);
}

SYSCALL4(295, preadv, int, fd, const struct iovec __user *, iov, int, segments, loff_t, pos)
{
	return pos < 0 ? -EINVAL : vector(fd, iov, segments, &pos, 0, file_read);
}

SYSCALL4(296, pwritev, int, fd, const struct iovec __user *, iov, int, segments, loff_t, pos)
{
	return pos < 0 ? -EINVAL : vector(fd, iov, segments, &pos, 0, file_write);
}

/*
 * preadv2(2): position -1 means the file's own. RWF_HIPRI is a hint. No file promises never to
 * wait, so RWF_NOWAIT is refused; programs fall back on a thread, as on any file system without it.
 * The other flags are open's flags for this one call, so they travel with the iterator.
 */
static ssize_t vector2(int fd, const struct iovec __user *iov, int segments, loff_t pos,
		       int flags, transfer_fn transfer)
{
	unsigned now = (flags & RWF_DSYNC ? O_DSYNC : 0) | (flags & RWF_SYNC ? O_SYNC : 0) |
		       (flags & RWF_APPEND ? O_APPEND : 0);

	if (flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND))
		return -EOPNOTSUPP;
	if (pos < -1)
		return -EINVAL;
	return vector(fd, iov, segments, pos == -1 ? NULL : &pos, now, transfer);
}

SYSCALL6(327, preadv2, int, fd, const struct iovec __user *, iov, int, segments, loff_t, pos,
	 unsigned long, pos_high, int, flags)
{
	return vector2(fd, iov, segments, pos, flags, file_read);
}

SYSCALL6(328, pwritev2, int, fd, const struct iovec __user *, iov, int, segments, loff_t, pos,
	 unsigned long, pos_high, int, flags)
{
	return vector2(fd, iov, segments, pos, flags, file_write);
}

/* SEEK_DATA and SEEK_HOLE are the last two kinds (lseek(2)); the file may still refuse them. */
SYSCALL3(8, lseek, int, fd, loff_t, offset, unsigned, whence)
{
	struct file *f = fd_get(fd);
	loff_t pos;

	if (!f)
		return -EBADF;
	if (whence > SEEK_HOLE) {
		pos = -EINVAL;
	} else if (!f->ops->lseek) {
		pos = -ESPIPE;
	} else {
		mutex_lock(&f->pos_lock);
		pos = f->ops->lseek(f, offset, whence);
		mutex_unlock(&f->pos_lock);
	}
	file_put(f);
	return pos;
}

/*
 * st begins as zeroes, padding included: what a file does not fill in tells nothing of the kernel's
 * stack.
 */
SYSCALL2(5, fstat, int, fd, struct stat __user *, buf)
{
	struct file *f = fd_get_path(fd);
	struct stat st = { 0 };
	int error;

	if (!f)
		return -EBADF;
	/* Also of an O_PATH file, since Linux 3.6. */
	error = file_stat(f, &st);
	file_put(f);
	if (!error && copy_to_user(buf, &st, sizeof(st)))
		error = -EFAULT;
	return error;
}

/* The request sets a flag by an int in user memory. */
static long set_flag_by_int(struct file *f, unsigned flag, u64 arg)
{
	int on;

	if (get_user(on, (int __user *)arg))
		return -EFAULT;
	return file_set_flags(f, flag, on ? flag : 0);
}

/*
 * Requests about the open file, the same for all kinds, stand before the kind's own (ioctl(2));
 * those about the descriptor are done by the caller, as only it has the number.
 */
static long do_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	switch (cmd) {
	case FIONBIO:
		return set_flag_by_int(f, O_NONBLOCK, arg);
	case FIOASYNC:
		return set_flag_by_int(f, O_ASYNC, arg);
	default:
		return f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
	}
}

SYSCALL3(16, ioctl, int, fd, unsigned, cmd, unsigned long, arg)
{
	struct file *f = fd_get(fd);
	long result;

	if (!f)
		return -EBADF;
	if (cmd == FIOCLEX || cmd == FIONCLEX)
		result = fd_set_cloexec(fd, cmd == FIOCLEX);
	else
		result = do_ioctl(f, cmd, arg);
	file_put(f);
	return result;
}
