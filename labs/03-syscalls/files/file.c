/*
 * Open files: their life (allocated with one reference, released with the last) and the checks that
 * stand before every read and write, whoever asks.
 *
 * References are held by descriptor slots, by calls at work, by mapped areas and by messages that
 * carry descriptors. There is no list of all open files, only a count of them: a file is found
 * through whoever refers to it.
 *
 * Errors come in Linux's order, on which programs rely more than on any page of POSIX: first the
 * mode the file was opened in (EBADF), then whether it can be read or written at all (EINVAL), then
 * the position.
 */
#include "03-syscalls/file.h"
#include "common/string.h"
#include "common/init.h"
#include "01-memory/kmem.h"

#define MAX_FILES	1048576		/* fs.file-max */

static struct kmem_cache *file_cache;
static u64 file_count;			/* atomic */
const struct path_file_ops *path_file_ops;

static void file_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 0, NULL);
}
INITCALL(29, file_init);

/* The limit is compared without a lock: some files more than it says do no harm. */
struct file *file_alloc(const struct file_ops *ops, unsigned flags, void *private)
{
	struct file *f;

	if (atomic_load(&file_count) >= MAX_FILES)
		return ERR_PTR(-ENFILE);
	f = kmem_cache_alloc(file_cache, GFP_KERNEL | GFP_ZERO);
	if (!f)
		return NULL;
	atomic_inc(&file_count);
	ref_init(&f->refs, 1);
	f->ops = ops;
	f->flags = flags & ~O_CREATION_FLAGS;
	f->private = private;
	mutex_init(&f->pos_lock, "file position", RANK_FILE_POS);
	spin_init(&f->lock, "file", RANK_LEAF);
	list_init(&f->epoll_items);
	return f;
}

__weak void file_unwatch(struct file *f)
{
}

/*
 * Nobody else can reach f but epoll instances, whose items are no references: they go first, so
 * that none asks the state of a file that is half gone. The implementation's release may still need
 * the inode, which f->dentry holds; so that goes last.
 */
void file_release(struct file *f)
{
	if (!list_empty(&f->epoll_items))
		file_unwatch(f);
	if (f->ops->release)
		f->ops->release(f);
	if (f->dentry)
		path_file_ops->release(f);
	kmem_cache_free(file_cache, f);
	atomic_dec(&file_count);
}

int file_stat(struct file *f, struct stat *st)
{
	if (f->dentry)
		return path_file_ops->stat(f, st);
	return f->ops->stat ? f->ops->stat(f, st) : 0;
}

u64 file_count_open(void)
{
	return atomic_load(&file_count);
}

/* No position may pass what an loff_t can say: EINVAL. (EFBIG is for the file system to say.) */
static bool position_fits(const struct iov_iter *it, const loff_t *pos)
{
	return likely((loff_t)((u64)*pos + it->count) >= 0);
}

ssize_t file_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	if (!FILE_READABLE(f))
		return -EBADF;
	if (!f->ops->read || !position_fits(it, pos))
		return -EINVAL;
	return f->ops->read(f, it, pos);
}

ssize_t file_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	if (!FILE_WRITABLE(f))
		return -EBADF;
	if (!f->ops->write || !position_fits(it, pos))
		return -EINVAL;
	return f->ops->write(f, it, pos);
}

/*
 * Reads on after a short count, which only means that the implementation stopped at a border of its
 * own; 0 is the end.
 */
ssize_t file_read_kernel(struct file *f, void *buf, size_t size, loff_t pos)
{
	size_t done = 0;

	while (done < size) {
		struct iov_iter it;
		ssize_t n;

		iov_iter_kernel(&it, (char *)buf + done, size - done);
		n = f->ops->read ? f->ops->read(f, &it, &pos) : -EINVAL;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		done += n;
	}
	return done;
}
