/*
 * Reading and writing files whose contents are in the page cache: what every file system on a disk,
 * and tmpfs, use as it is.
 *
 * A read takes no lock on the inode: it sees whole pages or what a simultaneous write has made of
 * them, as on Linux. A write holds inode->lock, so that writes do not mix and O_APPEND finds the
 * end. User memory is copied with page faults off while the page is locked: the fault might need
 * that very page (the file is mapped and written to itself). So the source is touched first, and
 * touched again if the copy stopped short.
 *
 * POSIX asks that a read sees either all or nothing of a write to a regular file. Like Linux's
 * ext2 and ext4 we promise that for a single page at the most: a lock that readers share would
 * cost every read, and programs that need more lock the file (fcntl(2)).
 */
#include "common/abi/resource.h"
#include "common/errno.h"
#include "02-usermode/uaccess.h"
#include "05-vfs/vfs/internal.h"

/* ---- reading ---- */

/* The page, up to date, to copy from; NULL: a hole in a file that is in memory only; ERR_PTR. */
static struct frame *page_to_read(struct page_cache *c, struct file *f, u64 index, u64 want)
{
	struct frame *p = page_find(c, index);

	if (p && (READ_ONCE(p->flags) & (PG_UPTODATE | PG_READAHEAD)) == PG_UPTODATE)
		return p;
	if (p)
		page_put(p);
	else if (page_cache_in_memory(c))
		return NULL;
	return page_read_file(c, f, index, want);
}

/*
 * The size is read anew for each page: a file that is cut off meanwhile ends the read there. The
 * reference keeps the page, though perhaps not in the file, while the copy may fault and sleep. An
 * error after the first bytes is not lost: the next read meets it again.
 */
ssize_t generic_file_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *i = f->inode;
	struct page_cache *c = &i->pages;
	ssize_t done = 0;

	while (it->count) {
		loff_t size = READ_ONCE(i->size);
		u64 off = *pos & (PAGE_SIZE - 1), n, copied;
		struct frame *p;

		if (*pos >= size)
			break;
		n = MIN(MIN(PAGE_SIZE - off, (u64)(size - *pos)), it->count);
		p = page_to_read(c, f, *pos >> PAGE_SHIFT,
				 (off + it->count + PAGE_SIZE - 1) >> PAGE_SHIFT);
		if (IS_ERR(p))
			return done ? done : PTR_ERR(p);
		if (p) {
			copied = copy_to_iter((u8 *)frame_to_virt(p) + off, n, it);
			page_put(p);
		} else {
			copied = clear_iter(n, it);
		}
		*pos += copied;
		done += copied;
		if (copied < n)
			return done ? done : -EFAULT;
	}
	file_accessed(f);
	return done;
}

/* ---- writing ---- */

/*
 * How many of `want` bytes may be written at pos: the file-size limit and the file system's
 * largest file. 0 bytes: -EFBIG. A write that begins below a limit is cut short at it; only one
 * that begins there fails (write(2)). SIGXFSZ goes with the process's limit, not with the file
 * system's.
 */
static ssize_t limit_write(const struct inode *i, loff_t pos, size_t want)
{
	u64 limit = MIN((u64)i->super->max_size, rlimit(RLIMIT_FSIZE));

	if (!want)
		return 0;
	if ((u64)pos >= limit)
		return (u64)pos >= rlimit(RLIMIT_FSIZE) ? file_limit_error() : -EFBIG;
	return MIN((u64)want, limit - pos);
}

/*
 * Touch the next n bytes to be written; if not all can be, the part up to the end of the first
 * page. So a write from a buffer whose second page is bad writes what can be read, as on Linux.
 */
static ssize_t touch_source(struct iov_iter *it, size_t n)
{
	u64 addr, first;

	if (!iov_iter_fault_in(it, n))
		return n;
	addr = (u64)it->iov->base + it->offset;
	first = MIN(MIN(n, PAGE_SIZE - (addr & (PAGE_SIZE - 1))), it->iov->len - it->offset);
	if (first && first < n && !iov_iter_fault_in(it, first))
		return first;
	return -EFAULT;
}

/*
 * Copy up to n bytes into one page: how many, 0 if the source has to be touched again, or errno.
 * If a page that had to be filled completely was not, nothing of it counts, and the source is
 * wound back.
 */
static ssize_t write_page(struct page_cache *c, u64 index, u64 off, size_t n, struct iov_iter *it)
{
	struct frame *p = page_write_begin(c, index, off, off + n);
	struct iov_iter before = *it;
	size_t copied, counted;

	if (IS_ERR(p))
		return PTR_ERR(p);
	pagefault_disable();
	copied = copy_from_iter((u8 *)frame_to_virt(p) + off, n, it);
	pagefault_enable();
	counted = page_write_end(c, p, off, off + n, copied);
	if (counted < copied)
		*it = before;
	return counted;
}

/* The loop over pages; inode->lock is held for writing. Bytes, or errno if there were none. */
static ssize_t write_pages(struct inode *i, struct iov_iter *it, size_t want, loff_t *pos)
{
	size_t done = 0;

	while (done < want) {
		u64 off = *pos & (PAGE_SIZE - 1);
		ssize_t n = MIN(PAGE_SIZE - off, want - done);

		n = touch_source(it, n);
		if (n > 0 && inode_check_write(i, *pos + n))
			n = -EPERM;
		if (n > 0)
			n = write_page(&i->pages, *pos >> PAGE_SHIFT, off, n, it);
		if (n < 0)
			return done ? (ssize_t)done : n;
		/*
		 * The source's page went out again before the copy, perhaps time after time: do
		 * not try for ever.
		 */
		if (n == 0 && thread_killed(current))
			return done ? (ssize_t)done : -ERESTARTSYS;
		*pos += n;
		done += n;
	}
	return done;
}

/*
 * O_APPEND finds the end under the lock: of two programs that append to one log neither overwrites
 * the other. pwrite(2) on such a file appends as well, against POSIX, as Linux's manual admits.
 */
static ssize_t write_locked(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *i = f->inode;
	ssize_t n;
	int error;

	if (io_flags(f, it) & O_APPEND)
		*pos = i->size;
	n = limit_write(i, *pos, it->count);
	if (n <= 0)
		return n;
	error = inode_kill_suid(i);
	if (error)
		return error;
	inode_touch(i, ATTR_MTIME | ATTR_CTIME);
	return write_pages(i, it, n, pos);
}

/*
 * O_SYNC and O_DSYNC wait after the lock is dropped: writers do not have to wait for each other's
 * I/O. O_SYNC contains O_DSYNC's bit.
 */
ssize_t generic_file_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *i = f->inode;
	ssize_t n;
	int error;

	down_write(&i->lock);
	n = write_locked(f, it, pos);
	up_write(&i->lock);
	if (n > 0 && ((io_flags(f, it) & O_DSYNC) ||
		      ((i->super->flags | f->mount->flags) & MS_SYNCHRONOUS))) {
		error = f->ops->fsync ? f->ops->fsync(f, (io_flags(f, it) & O_SYNC) != O_SYNC) : 0;
		if (error)
			return error;
	}
	return n;
}

/* ---- position ---- */

/* Where data or a hole is at or behind off, if holes are not tracked: all is data up to the end. */
static loff_t seek_data_hole(loff_t off, int whence, loff_t size)
{
	if (off < 0 || off >= size)
		return -ENXIO;
	return whence == SEEK_DATA ? off : size;
}

/*
 * A position behind the end is allowed; a write there leaves a hole (lseek(2)). The caller holds
 * the position's lock.
 */
loff_t generic_file_lseek(struct file *f, loff_t off, int whence)
{
	loff_t size = f->inode ? READ_ONCE(f->inode->size) : 0;
	loff_t max = f->inode && f->inode->super->max_size ? f->inode->super->max_size : INT64_MAX;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow(off, f->pos, &off))
			return -EOVERFLOW;
		break;
	case SEEK_END:
		if (__builtin_add_overflow(off, size, &off))
			return -EOVERFLOW;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		off = seek_data_hole(off, whence, size);
		if (off < 0)
			return off;
		break;
	default:
		return -EINVAL;
	}
	if (off < 0 || off > max)
		return -EINVAL;
	if (off != f->pos)
		f->pos = off;
	return off;
}

/* mmap(2) counts as a read of the file; what is read through the mapping later is not noticed. */
struct vm_object *generic_file_object(struct file *f)
{
	file_accessed(f);
	return &f->inode->pages.object;
}

/* What ioctl(2) knows about regular files and directories; FIBMAP and the like need a block map. */
#define FIGETBSZ	2

long generic_file_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	int value;

	switch (cmd) {
	case 0x541b:			/* FIONREAD: up to the end of the file */
		if (!S_ISREG(f->inode->mode))
			return -ENOTTY;
		value = MIN(MAX(READ_ONCE(f->inode->size) - f->pos, 0), INT32_MAX);
		return put_user(value, (int __user *)arg);
	case FIGETBSZ:
		value = f->inode->super->block_size;
		return put_user(value, (int __user *)arg);
	case 0xc020660b:		/* FS_IOC_FIEMAP */
	case 0x40049409:		/* FICLONE */
	case 0x4020940d:		/* FICLONERANGE */
		return -EOPNOTSUPP;
	default:
		return -ENOTTY;
	}
}

ssize_t generic_read_dir(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return -EISDIR;
}

const struct file_ops generic_file_ops = {
	.read = generic_file_read,
	.write = generic_file_write,
	.lseek = generic_file_lseek,
	.ioctl = generic_file_ioctl,
	.object = generic_file_object,
	.fsync = generic_fsync,
};
