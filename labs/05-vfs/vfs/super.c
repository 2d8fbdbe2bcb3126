/*
 * File systems that are mounted somewhere: one struct super each, shared by all its mounts.
 *
 * A block device has at most one super; file systems of type `single` (devtmpfs, sysfs) have one in
 * all. The list is protected by mount_lock.
 *
 * Order of going: the last mount drops the super; what is dirty is written; dentries go, which
 * hold inodes; then the root's inode and all that is left in the inode cache; then the file system
 * closes its device. Each step relies on the one before, and a reference that was lost somewhere
 * shows in free_dentries() or icache_evict_all(), which say so instead of waiting for ever.
 */
#include "common/errno.h"
#include "common/linkset.h"
#include "common/panic.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/timer.h"
#include "05-vfs/block.h"
#include "05-vfs/vfs/internal.h"
#include "05-vfs/vfs/super.h"

static LIST_HEAD(supers);

const struct fs_type *fs_type_find(const char *name)
{
	const struct fs_type *t;

	linkset_for_each(fs_types, const struct fs_type, t)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

/*
 * An anonymous device number, for st_dev of a file system without a device. Programs tell files
 * apart by st_dev and st_ino: two file systems must not share a number. Major 0 is no device.
 */
static dev_t next_anonymous_dev(void)
{
	static u32 last;

	return MKDEV(0, atomic_fetch_add(&last, 1) + 1);
}

static struct super *super_alloc(const struct fs_type *t, struct block_device *bdev,
				 const char *source, unsigned long flags)
{
	struct super *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	s->source = kstrdup(source ? source : "none", GFP_KERNEL);
	if (!s->source) {
		kfree(s);
		return NULL;
	}
	s->type = t;
	s->bdev = bdev;
	s->dev = bdev ? bdev->dev : next_anonymous_dev();
	s->flags = flags & (MS_RDONLY | MS_SYNCHRONOUS | MS_DIRSYNC | MS_SILENT);
	s->block_size = PAGE_SIZE;
	s->max_size = INT64_MAX;
	ref_init(&s->refs, 1);
	mutex_init(&s->rename_lock, "rename", RANK_RENAME);
	spin_init(&s->lock, "super", RANK_LEAF);
	list_init(&s->dirty);
	list_init(&s->inodes);
	list_init(&s->super_link);
	return s;
}

static void super_free(struct super *s)
{
	kfree(s->source);
	kfree(s);
}

/*
 * A mounted one that the new mount shares: on the same device, or the only one of its type. Two
 * supers on one device would each cache the same blocks and overwrite each other's changes.
 */
static struct super *super_shared(const struct fs_type *t, const struct block_device *bdev)
{
	struct super *s;

	list_for_each_entry(s, &supers, super_link)
		if (bdev ? s->bdev == bdev : t->single && s->type == t)
			return s;
	return NULL;
}

/*
 * Free all dentries below the root. A thread that is just freeing a child (the shrinker) may still
 * hold its parent for a moment.
 */
static void free_dentries(struct super *s)
{
	u64 deadline = clock_monotonic() + 10 * NSEC_PER_SEC;

	do {
		dentry_prune(s->root_dentry);
		dentry_wait_freed();
		thread_yield();
		/*
		 * If this fires, some path took a dentry (or a path, or a file) of this file
		 * system and did not put it: look in its children for one whose count is too high.
		 */
		BUG_ON(clock_monotonic() > deadline);	/* somebody has lost a reference */
	} while (!dentry_is_alone(s->root_dentry));
	dentry_put(s->root_dentry);
	dentry_wait_freed();
}

/* Drop everything that hangs on s. Nothing of it is in use any more. */
static void super_destroy(struct super *s)
{
	free_dentries(s);
	inode_put(s->root);
	icache_evict_all(s);
	if (s->ops->unmount)
		s->ops->unmount(s);
	super_free(s);
}

static struct super *super_new(const struct fs_type *t, struct block_device *bdev,
			       const char *source, unsigned long flags, const char *data)
{
	struct super *s = super_alloc(t, bdev, source, flags);
	int error;

	if (!s)
		return ERR_PTR(-ENOMEM);
	error = t->mount(s, source, flags, data);
	if (error) {
		super_free(s);
		return ERR_PTR(error);
	}
	s->root_dentry = dentry_root(s->root);
	if (!s->root_dentry) {
		inode_put(s->root);
		icache_evict_all(s);
		if (s->ops->unmount)
			s->ops->unmount(s);
		super_free(s);
		return ERR_PTR(-ENOMEM);
	}
	list_add_tail(&s->super_link, &supers);
	return s;
}

/*
 * One device mounted both read-only and writable is refused (EBUSY), as in Linux: there is but one
 * super, and it is one or the other. A read-only bind mount does what was meant.
 */
struct super *super_mount_device(const struct fs_type *t, struct block_device *bdev,
				 const char *source, unsigned long flags, const char *data)
{
	struct super *s;

	if (bdev && bdev->read_only && !(flags & MS_RDONLY))
		return ERR_PTR(-EACCES);
	s = super_shared(t, bdev);
	if (!s)
		return super_new(t, bdev, source, flags, data);
	if (s->type != t || (bdev && ((s->flags ^ flags) & MS_RDONLY)))
		return ERR_PTR(-EBUSY);
	ref_get(&s->refs);
	return s;
}

/* The device is checked as open(2) would: a device node on a mount with nodev is none. */
struct super *super_mount(const struct fs_type *t, const char *source, unsigned long flags,
			  const char *data)
{
	struct block_device *bdev = NULL;
	struct path p;
	int error;

	if (t->needs_device) {
		if (!source)
			return ERR_PTR(-EINVAL);
		error = path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &p);
		if (error)
			return ERR_PTR(error);
		if (!S_ISBLK(p.dentry->inode->mode))
			error = -ENOTBLK;
		else if (p.mount->flags & MS_NODEV)
			error = -EACCES;
		else if (!(bdev = block_find(p.dentry->inode->rdev)))
			error = -ENXIO;
		path_put(&p);
		if (error)
			return ERR_PTR(error);
	}
	return super_mount_device(t, bdev, source, flags, data);
}

/*
 * The last one goes under mount_lock, because super_shared() gives references to what is in the
 * list. A caller in mount(2) or umount(2) holds the lock already; one that drops a file's last
 * reference after a lazy umount does not.
 */
void super_put(struct super *s)
{
	bool nested = mutex_held(&mount_lock);

	while (ref_read(&s->refs) > 1) {
		int n = ref_read(&s->refs);

		if (n > 1 && atomic_cmpxchg(&s->refs.n, n, n - 1))
			return;
	}
	if (!nested)
		mutex_lock(&mount_lock);
	if (ref_put(&s->refs)) {
		super_sync(s, true);
		list_del(&s->super_link);
		super_destroy(s);
	}
	if (!nested)
		mutex_unlock(&mount_lock);
}

/*
 * The lock is kept over the I/O that fn does: mount(2) waits for sync(2). A reference instead
 * would have to be dropped by super_put(), under the same lock.
 */
void super_for_each(void (*fn)(struct super *s, void *arg), void *arg)
{
	struct super *s;

	mutex_lock(&mount_lock);
	list_for_each_entry(s, &supers, super_link)
		fn(s, arg);
	mutex_unlock(&mount_lock);
}

/*
 * MS_REMOUNT (mount(2)). To become read-only: stop writers, write everything back, let the file
 * system mark itself clean on the disk, and only then set the flag, at which it stops writing.
 */
int super_remount(struct super *s, unsigned long flags, const char *data)
{
	unsigned long settable = MS_RDONLY | MS_SYNCHRONOUS | MS_DIRSYNC;
	int error = 0;

	if (!(flags & MS_RDONLY) && s->bdev && s->bdev->read_only)
		return -EACCES;
	if ((flags & MS_RDONLY) && !(s->flags & MS_RDONLY)) {
		/* The flag itself comes last: with it set the file system would not write. */
		error = super_stop_writers(s);
		if (error)
			return error;
		error = super_sync(s, true);
	}
	if (!error && s->ops->remount)
		error = s->ops->remount(s, flags, data);
	if (!error)
		(void)atomic_xchg(&s->flags, (s->flags & ~settable) | (flags & settable));
	WRITE_ONCE(s->no_writers, false);
	return error;
}
