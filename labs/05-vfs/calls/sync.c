/*
 * sync(2), syncfs(2), fsync(2), fdatasync(2), sync_file_range(2).
 */
#include "common/errno.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

SYSCALL0(162, sync)
{
	sync_all();
	return 0;
}

/* Of the one file system that fd lies on. */
SYSCALL1(306, syncfs, int, fd)
{
	struct file *f = fd_get(fd);
	int error = 0;

	if (!f)
		return -EBADF;
	if (f->inode && f->inode->super)
		error = super_sync(f->inode->super, true);
	file_put(f);
	return error;
}

/*
 * EINVAL for what cannot be synchronised: pipes, sockets, most devices (fsync(2)). fdatasync(2)
 * may leave out times, but not the size.
 */
static long do_fsync(int fd, bool data_only)
{
	struct file *f = fd_get(fd);
	int error;

	if (!f)
		return -EBADF;
	error = f->ops->fsync ? f->ops->fsync(f, data_only) : -EINVAL;
	file_put(f);
	return error;
}

SYSCALL1(74, fsync, int, fd)
{
	return do_fsync(fd, false);
}

SYSCALL1(75, fdatasync, int, fd)
{
	return do_fsync(fd, true);
}

#define SYNC_FILE_RANGE_WAIT_BEFORE	1
#define SYNC_FILE_RANGE_WRITE		2
#define SYNC_FILE_RANGE_WAIT_AFTER	4

/* Only pages that the file has on disk already are meant: no attributes, no barrier. */
SYSCALL4(277, sync_file_range, int, fd, loff_t, offset, loff_t, length, unsigned, flags)
{
	struct file *f;
	u64 first, last;
	int error;

	if ((flags & ~7u) || offset < 0 || length < 0 || offset + length < offset)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	error = -ESPIPE;
	if (f->inode && (S_ISREG(f->inode->mode) || S_ISBLK(f->inode->mode) ||
			 S_ISDIR(f->inode->mode) || S_ISLNK(f->inode->mode))) {
		first = offset >> PAGE_SHIFT;
		last = length ? (u64)(offset + length - 1) >> PAGE_SHIFT : ~0UL;
		error = flags & 7 ? page_cache_sync(&f->inode->pages, first, last,
						    flags & (SYNC_FILE_RANGE_WAIT_BEFORE |
							     SYNC_FILE_RANGE_WAIT_AFTER))
				  : 0;
	}
	file_put(f);
	return error;
}
