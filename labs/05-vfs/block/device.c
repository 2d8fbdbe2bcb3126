/*
 * The list of block devices: registering, partitions as devices of their own, finding by number or
 * name.
 *
 * A device is never removed from memory once it was registered, so pointers to it stay valid
 * without a reference; a partition that vanishes from the table is taken off the list and becomes
 * empty (a few hundred bytes for each, and root alone can make that happen).
 *
 * Whole disk and partition have each an inode and so a page cache of their own. Linux has the same
 * division: what is written to vda1 is not seen in vda's cache before it was written back and read
 * anew.
 */
#include "05-vfs/block/block_internal.h"
#include "05-vfs/inode.h"
#include "01-memory/kmem.h"
#include "common/errno.h"
#include "common/printk.h"
#include "common/string.h"

static DEFINE_MUTEX(devices_lock, RANK_SLEEP_LEAF);
static LIST_HEAD(devices);		/* by link; devices_lock */

/*
 * An inode that is in no file system (super NULL) and never freed; only its lock, size and pages
 * are used. GFP_NOFS for its pages: file systems ask for them with their locks held.
 */
static int make_inode(struct block_device *d)
{
	struct inode *i = kzalloc(sizeof(*i), GFP_KERNEL);

	if (!i)
		return -ENOMEM;
	rwsem_init(&i->lock, "block device", RANK_INODE);
	ref_init(&i->refs, 1);
	i->mode = S_IFBLK | 0660;
	i->nlink = 1;
	i->rdev = d->dev;
	i->ino = d->dev;
	i->size = d->sectors << SECTOR_SHIFT;
	i->private = d;
	page_cache_init(&i->pages, i, &device_cache_ops);
	i->pages.gfp = GFP_NOFS;
	d->inode = i;
	return 0;
}

/*
 * Behind the device it is a part of, so that the list is in the order people expect: vda, vda1,
 * vda2, vdb. The node in /dev is made last, when the device can be opened.
 */
static void add_to_list(struct block_device *d)
{
	struct block_device *e, *before = NULL;

	mutex_lock(&devices_lock);
	list_for_each_entry(e, &devices, link)
		if (d->part && e->whole == d->whole && e->part < d->part)
			before = e;
	if (before)
		list_add(&d->link, &before->link);
	else
		list_add_tail(&d->link, &devices);
	mutex_unlock(&devices_lock);
	devtmpfs_node(d->name, S_IFBLK | 0660, d->dev);
}

/* A disk without a readable partition table is a disk all the same. */
int block_register(struct block_device *d)
{
	int err;

	d->whole = d;
	d->part = 0;
	d->start = 0;
	err = make_inode(d);
	if (err)
		return err;
	add_to_list(d);
	pr_info("%s: %llu sectors of 512 bytes (%llu MiB)%s\n", d->name,
		(unsigned long long)d->sectors, (unsigned long long)d->sectors >> 11,
		d->read_only ? ", read-only" : "");
	err = partitions_scan(d);
	if (err)
		printk("%s: the partition table cannot be read (error %d)\n", d->name, -err);
	return 0;
}

int block_add_partition(struct block_device *whole, struct block_device *d)
{
	int err;

	snprintf(d->name, sizeof(d->name), "%.10s%d", whole->name, d->part);
	d->dev = MKDEV(MAJOR(whole->dev), MINOR(whole->dev) + d->part);
	d->block_size = whole->block_size;
	d->physical_block_size = whole->physical_block_size;
	d->read_only = whole->read_only;
	d->ops = whole->ops;
	d->whole = whole;
	err = make_inode(d);
	if (!err)
		add_to_list(d);
	return err;
}

/* The next partition of d on the list, taken off it; or NULL. */
static struct block_device *take_partition(struct block_device *d)
{
	struct block_device *e, *found = NULL;

	mutex_lock(&devices_lock);
	list_for_each_entry(e, &devices, link)
		if (e != d && e->whole == d) {
			found = e;
			list_del(&e->link);
			break;
		}
	mutex_unlock(&devices_lock);
	return found;
}

/* Only a look: who opens a partition just now will find it empty, which harms nobody but him. */
static bool partitions_used(struct block_device *d)
{
	struct block_device *e;
	bool used = false;

	mutex_lock(&devices_lock);
	list_for_each_entry(e, &devices, link)
		used |= e != d && e->whole == d && READ_ONCE(e->openers);
	mutex_unlock(&devices_lock);
	return used;
}

/*
 * BLKRRPART (fdisk, after it has written a table). The old partitions lose their pages before the
 * new ones appear, since the same number may mean another stretch of the disk. Two calls at the
 * same time are not kept apart: only root makes them.
 */
int block_rescan(struct block_device *d)
{
	struct block_device *e;

	if (d->part || d->minors <= 1)
		return -EINVAL;
	if (partitions_used(d))
		return -EBUSY;
	while ((e = take_partition(d)) != NULL) {
		devtmpfs_remove(e->name);
		page_cache_sync(&e->inode->pages, 0, ~0UL, true);
		down_write(&e->inode->lock);
		e->sectors = 0;
		WRITE_ONCE(e->inode->size, 0);
		page_cache_truncate(&e->inode->pages, 0);
		up_write(&e->inode->lock);
	}
	return partitions_scan(d);
}

struct block_device *block_find(u32 dev)
{
	struct block_device *d, *found = NULL;

	mutex_lock(&devices_lock);
	list_for_each_entry(d, &devices, link)
		if (d->dev == dev)
			found = d;
	mutex_unlock(&devices_lock);
	return found;
}

/* The lock is a mutex, so fn may sleep; but it must not come back here. */
void block_for_each(void (*fn)(struct block_device *d, void *arg), void *arg)
{
	struct block_device *d;

	mutex_lock(&devices_lock);
	list_for_each_entry(d, &devices, link)
		fn(d, arg);
	mutex_unlock(&devices_lock);
}
