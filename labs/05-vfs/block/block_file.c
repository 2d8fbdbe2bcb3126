/*
 * Block special files: read, write, map and control a whole device through its page cache. (block
 * devices: POSIX leaves them to us; ioctls as in Linux's include/uapi/linux/fs.h and hdreg.h.)
 *
 * The inode of /dev/vda, in devtmpfs or wherever mknod(2) has made one, only leads here: contents,
 * size and lock are those of the device's own inode (d->inode), so that all nodes of a device show
 * the same pages. They are also the pages in which a mounted file system has its metadata, but not
 * those in which it has the contents of files: a mounted file system that is written this way is
 * damaged, as on Linux.
 */
#include "05-vfs/block/block_internal.h"
#include "05-vfs/inode.h"
#include "02-usermode/uaccess.h"
#include "common/abi/ioctl.h"
#include "common/errno.h"
#include "common/init.h"

/* Without a name in a header of ours: the numbers are Linux's. */
#define BLKROSET	0x125d
#define BLKROGET	0x125e
#define BLKRRPART	0x125f
#define BLKGETSIZE	0x1260
#define BLKFLSBUF	0x1261
#define BLKRASET	0x1262
#define BLKRAGET	0x1263
#define BLKSECTGET	0x1267
#define BLKSSZGET	0x1268
#define BLKBSZGET	0x80081270u
#define BLKBSZSET	0x40081271u
#define BLKGETSIZE64	0x80081272u
#define BLKIOMIN	0x1278
#define BLKIOOPT	0x1279
#define BLKALIGNOFF	0x127a
#define BLKPBSZGET	0x127b
#define BLKROTATIONAL	0x127e
#define HDIO_GETGEO	0x0301

static struct block_device *device_of(struct file *f)
{
	return f->private;
}

struct block_device *file_block_device(struct file *f)
{
	return f->ops == &block_file_ops ? f->private : NULL;
}

/*
 * As generic_file_read(), but without access times, and with the end that the device has: reading
 * beyond it gives 0. No lock: pages carry their own.
 */
static ssize_t block_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct block_device *d = device_of(f);
	ssize_t done = 0;

	while (it->count && *pos < d->inode->size) {
		u64 off = *pos & (PAGE_SIZE - 1);
		size_t n = MIN(MIN(it->count, PAGE_SIZE - off), (u64)(d->inode->size - *pos));
		struct frame *p = page_read_file(&d->inode->pages, f, *pos >> PAGE_SHIFT,
						 MIN((off + it->count) >> PAGE_SHIFT, 64UL) + 1);
		size_t copied;

		if (IS_ERR(p))
			return done ? done : PTR_ERR(p);
		copied = copy_to_iter((u8 *)frame_to_virt(p) + off, n, it);
		page_put(p);
		*pos += copied;
		done += copied;
		if (copied < n)
			return done ? done : -EFAULT;
		cond_resched();
	}
	return done;
}

/*
 * What fits into one page: bytes written, or errno; 0: the source went away meanwhile, try again.
 */
static ssize_t write_page(struct block_device *d, struct iov_iter *it, loff_t pos)
{
	unsigned from = pos & (PAGE_SIZE - 1);
	size_t n = MIN(MIN(it->count, PAGE_SIZE - from), (u64)(d->inode->size - pos)), copied,
	       counted;
	struct iov_iter before;
	struct frame *p;
	int err = iov_iter_fault_in(it, n);

	if (err)
		return err;
	p = page_write_begin(&d->inode->pages, pos >> PAGE_SHIFT, from, from + n);
	if (IS_ERR(p))
		return PTR_ERR(p);
	before = *it;
	/*
	 * The page is locked, and the source may be a mapping of the same page: a fault would wait
	 * for us. So the copy stops at what is not there; iov_iter_fault_in() has brought it in
	 * before.
	 */
	pagefault_disable();
	copied = copy_from_iter((u8 *)frame_to_virt(p) + from, n, it);
	pagefault_enable();
	counted = page_write_end(&d->inode->pages, p, from, from + n, copied);
	if (counted < copied)
		*it = before;
	return counted;
}

static int sync_range(struct block_device *d, loff_t from, loff_t to)
{
	int err = page_cache_sync(&d->inode->pages, from >> PAGE_SHIFT, to >> PAGE_SHIFT, true);

	return err ? err : block_flush(d);
}

/*
 * ENOSPC at the end, as Linux says, where a file would grow. With O_SYNC or O_DSYNC what was
 * written is on the medium before the call returns.
 */
static ssize_t block_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct block_device *d = device_of(f);
	loff_t start = *pos;
	ssize_t n = 0;

	if (d->read_only)
		return -EPERM;
	if (!it->count)
		return 0;
	down_write(&d->inode->lock);
	while (n >= 0 && it->count && *pos < d->inode->size) {
		n = write_page(d, it, *pos);
		if (n > 0)
			*pos += n;
		cond_resched();
	}
	up_write(&d->inode->lock);
	if (*pos == start)
		return n < 0 ? n : -ENOSPC;
	if (io_flags(f, it) & O_DSYNC) {
		int err = sync_range(d, start, *pos - 1);

		if (err)
			return err;
	}
	return *pos - start;
}

/* Not behind the end: there is nothing, and nothing can come to be there. */
static loff_t block_lseek(struct file *f, loff_t off, int whence)
{
	loff_t size = device_of(f)->inode->size;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		off += f->pos;
		break;
	case SEEK_END:
		off += size;
		break;
	default:
		return -EINVAL;
	}
	if (off < 0 || off > size)
		return -EINVAL;
	f->pos = off;
	return off;
}

static int block_fsync(struct file *f, bool data_only)
{
	struct block_device *d = device_of(f);
	int err = block_sync(d), late = page_cache_error(&d->inode->pages);

	return err ? err : late;
}

static struct vm_object *block_object(struct file *f)
{
	return &device_of(f)->inode->pages.object;
}

static int block_stat(struct file *f, struct stat *st)
{
	return inode_stat(f->inode, st);
}

/* See block.h for openers. */
static void block_release(struct file *f)
{
	struct block_device *d = device_of(f);

	/* As Linux does when a device is closed: its contents are on the disk afterwards. */
	if (FILE_WRITABLE(f))
		page_cache_sync(&d->inode->pages, 0, ~0UL, true);
	(void)atomic_fetch_sub(&d->openers, 1);
}

struct hd_geometry {
	u8 heads, sectors;
	u16 cylinders;
	u64 start;
};

/*
 * Disks have had no geometry since 1990, but fdisk asks. 16 heads and 63 sectors is what all
 * invent.
 */
static long put_geometry(struct block_device *d, void __user *arg)
{
	struct hd_geometry g = { 16, 63, MIN(d->sectors / (16 * 63), 65535UL), d->start };

	return copy_to_user(arg, &g, sizeof(g)) ? -EFAULT : 0;
}

/*
 * Clean pages that nobody uses go: who reads next reads the disk (hdparm -t, blockdev
 * --flushbufs).
 */
static long flush_buffers(struct block_device *d)
{
	int err = block_sync(d);

	page_cache_drop_range(&d->inode->pages, 0, ~0UL, true);
	return err;
}

/*
 * An unknown number is ENOTTY, not EINVAL (ioctl(2)). BLKGETSIZE counts 512-byte sectors whatever
 * the device's; read-ahead is in sectors too. What we have no choice about is accepted if it asks
 * for that.
 */
static long block_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	struct block_device *d = device_of(f);
	u32 physical = d->physical_block_size ? d->physical_block_size : d->block_size;
	int n;

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user((u64)d->inode->size, (u64 __user *)arg);
	case BLKGETSIZE:
		return put_user(d->sectors, (u64 __user *)arg);
	case BLKSSZGET:
		return put_user((int)d->block_size, (int __user *)arg);
	case BLKPBSZGET:
	case BLKIOMIN:
		return put_user(physical, (u32 __user *)arg);
	case BLKIOOPT:
	case BLKALIGNOFF:
		return put_user(0, (int __user *)arg);
	case BLKBSZGET:
		return put_user((int)PAGE_SIZE, (int __user *)arg);
	case BLKBSZSET:
		if (get_user(n, (int __user *)arg))
			return -EFAULT;
		return n >= 512 && n <= (int)PAGE_SIZE && !(n & (n - 1)) ? 0 : -EINVAL;
	case BLKROGET:
		return put_user((int)d->read_only, (int __user *)arg);
	case BLKROSET:
		if (!capable(CAP_SYS_ADMIN))
			return -EACCES;
		if (get_user(n, (int __user *)arg))
			return -EFAULT;
		if (!n && d->whole->read_only && d != d->whole)
			return -EACCES;
		d->read_only = n != 0;
		return 0;
	case BLKRAGET:
		return put_user(256L, (long __user *)arg);
	case BLKRASET:
		return capable(CAP_SYS_ADMIN) ? 0 : -EACCES;
	case BLKSECTGET:
		return put_user((u16)1024, (u16 __user *)arg);
	case BLKROTATIONAL:
		return put_user((u16)1, (u16 __user *)arg);
	case BLKFLSBUF:
		return capable(CAP_SYS_ADMIN) ? flush_buffers(d) : -EACCES;
	case BLKRRPART:
		return capable(CAP_SYS_ADMIN) ? block_rescan(d) : -EACCES;
	case HDIO_GETGEO:
		return put_geometry(d, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}

const struct file_ops block_file_ops = {
	.read = block_read,
	.write = block_write,
	.lseek = block_lseek,
	.stat = block_stat,
	.ioctl = block_ioctl,
	.object = block_object,
	.fsync = block_fsync,
	.release = block_release,
};

/*
 * No O_EXCL: mkfs(8) is not stopped from overwriting a mounted disk. A device whose medium is
 * gone: ENXIO.
 */
static int open_device(struct inode *i, struct file *f)
{
	struct block_device *d = block_find(i->rdev);

	if (!d)
		return -ENXIO;
	f->ops = &block_file_ops;
	f->private = d;
	(void)atomic_fetch_add(&d->openers, 1);
	return 0;
}

static void block_file_init(void)
{
	block_open = open_device;
}
INITCALL(40, block_file_init);
