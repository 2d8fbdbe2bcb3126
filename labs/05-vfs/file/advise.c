/*
 * Space and expectations: fallocate(2), posix_fadvise(2), readahead(2).
 *
 * fallocate(2) is the promise that later writes will find room; the file system's operation keeps
 * it. The other two are hints: they may be ignored, so errors of reading are not reported.
 */
#include "common/abi/resource.h"
#include "common/errno.h"
#include "03-syscalls/syscall.h"
#include "05-vfs/vfs/internal.h"

/*
 * In Linux's order, which is visible where a call is wrong in two ways. A hole is punched with the
 * size kept, else EOPNOTSUPP.
 */
static int may_allocate(struct file *f, int mode, loff_t offset, loff_t length)
{
	struct inode *i = f->inode;

	if (offset < 0 || length <= 0)
		return -EINVAL;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE |
		     FALLOC_FL_ZERO_RANGE | FALLOC_FL_INSERT_RANGE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) &&
	    (!(mode & FALLOC_FL_KEEP_SIZE) || (mode & FALLOC_FL_ZERO_RANGE)))
		return -EOPNOTSUPP;
	if (!FILE_WRITABLE(f))
		return -EBADF;
	if (!i)
		return -ESPIPE;
	if (S_ISFIFO(i->mode))
		return -ESPIPE;
	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode))
		return -ENODEV;
	if (offset + length < 0 || offset + length > i->super->max_size)
		return -EFBIG;
	if (!(mode & FALLOC_FL_KEEP_SIZE) && offset + length > i->size &&
	    (u64)(offset + length) > rlimit(RLIMIT_FSIZE))
		return file_limit_error();
	return i->ops->fallocate ? 0 : -EOPNOTSUPP;
}

SYSCALL4(285, fallocate, int, fd, int, mode, loff_t, offset, loff_t, length)
{
	struct file *f = fd_get(fd);
	int error;

	if (!f)
		return -EBADF;
	error = may_allocate(f, mode, offset, length);
	if (!error) {
		down_write(&f->inode->lock);
		error = f->inode->ops->fallocate(f->inode, mode, offset, length);
		up_write(&f->inode->lock);
	}
	file_put(f);
	return error;
}

static bool has_pages(const struct file *f)
{
	return f->inode && (S_ISREG(f->inode->mode) || S_ISBLK(f->inode->mode));
}

/*
 * The pages in [offset, offset + length) of f; length 0: to the end. False if there are none.
 * Whole pages that touch the range.
 */
static bool page_range(const struct file *f, loff_t offset, loff_t length, u64 *first, u64 *last)
{
	loff_t size = READ_ONCE(f->inode->size);
	loff_t end = length && offset + length > offset ? MIN(offset + length, size) : size;

	if (offset >= end)
		return false;
	*first = offset >> PAGE_SHIFT;
	*last = (end - 1) >> PAGE_SHIFT;
	return true;
}

/* Block devices as well: their pages are cached like a file's. */
static int advise(struct file *f, loff_t offset, loff_t length, int advice)
{
	struct page_cache *c = &f->inode->pages;
	u64 first, last;

	switch (advice) {
	case POSIX_FADV_NORMAL:
	case POSIX_FADV_SEQUENTIAL:
	case POSIX_FADV_RANDOM:
	case POSIX_FADV_NOREUSE:
		return 0;		/* read-ahead finds out by itself */
	case POSIX_FADV_WILLNEED:
		if (!page_cache_in_memory(c) && page_range(f, offset, length, &first, &last))
			/* Two megabytes at once: a hint must not fill memory. */
			page_prefetch(c, first, MIN(last - first + 1, 512UL));
		return 0;
	case POSIX_FADV_DONTNEED:
		if (page_cache_in_memory(c) || !page_range(f, offset, length, &first, &last))
			return 0;
		/*
		 * Dirty pages are not dropped, but started, so that a second call finds them
		 * clean.
		 */
		page_cache_sync(c, first, last, false);
		page_cache_drop_range(c, first, last, true);
		return 0;
	default:
		return -EINVAL;
	}
}

SYSCALL4(221, fadvise64, int, fd, loff_t, offset, loff_t, length, int, advice)
{
	struct file *f = fd_get(fd);
	int error;

	if (!f)
		return -EBADF;
	if (!has_pages(f))
		error = f->ops->lseek ? 0 : -ESPIPE;
	else if (length < 0)
		error = -EINVAL;
	else
		error = advise(f, offset, length, advice);
	if (!has_pages(f) && !error && (advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE))
		error = -EINVAL;
	file_put(f);
	return error;
}

/*
 * Linux's own call, older than posix_fadvise(2). It begins to read and does not wait
 * (readahead(2)).
 */
SYSCALL3(187, readahead, int, fd, loff_t, offset, size_t, count)
{
	struct file *f = fd_get(fd);
	int error;

	if (!f)
		return -EBADF;
	if (!FILE_READABLE(f))
		error = -EBADF;
	else if (!has_pages(f))
		error = -EINVAL;
	else
		error = advise(f, offset, count, POSIX_FADV_WILLNEED);
	file_put(f);
	return error;
}
