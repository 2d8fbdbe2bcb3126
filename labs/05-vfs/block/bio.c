/*
 * Requests: making them, sending them down, waiting for them.
 *
 * A request (struct bio) is one stretch of sectors and the pieces of memory that it goes to or
 * comes from. Everything is asynchronous: bio_submit() returns when the driver has it, and done()
 * is called in interrupt context, on whatever CPU, perhaps before bio_submit() has returned. From
 * then on the request is its owner's again. Who wants to wait does so at the end of this file.
 *
 * Writing dirty pages back is how memory is freed, so a request for it must be had without any
 * memory: when the allocator has none, requests come from a small reserve, and who finds that
 * empty waits until one of those under way is done. That works only as long as nobody holds one
 * request back while he waits for another (page_io.c sends the first before it asks for the
 * second).
 *
 * There is no I/O scheduler: page_io.c joins what is consecutive, requests go down in the order in
 * which they come, and the disks we have (virtio) sort for themselves.
 */
#include "05-vfs/block/block_internal.h"
#include "05-vfs/inode.h"
#include "01-memory/kmem.h"
#include "common/errno.h"
#include "common/init.h"
#include "common/panic.h"

/*
 * Enough that write-back goes on at some speed without memory; one would be enough for it to go on
 * at all.
 */
#define RESERVE		8
#define SEGMENT_MAX	65536u	/* of block_rw() */

/* So that a request and its segments are one allocation. */
struct full_bio {
	struct bio bio;
	struct bio_segment segments[BIO_MAX_SEGMENTS];
};

static struct kmem_cache *bio_cache;
static DEFINE_SPINLOCK(reserve_lock, RANK_LEAF);
static LIST_HEAD(reserve);			/* by bio.link; reserve_lock */
static int reserve_count;
static DEFINE_WAIT_QUEUE(reserve_queue);
static DEFINE_WAIT_QUEUE(done_queue);		/* all who wait for a request of their own */

static void bio_init(void)
{
	bio_cache = kmem_cache_create("bio", sizeof(struct full_bio), 0, NULL);
	if (!bio_cache)
		panic("no memory for block requests");
	for (int i = 0; i < RESERVE; i++) {
		struct full_bio *f = kmem_cache_alloc(bio_cache, GFP_KERNEL);

		if (!f)
			panic("no memory for block requests");
		bio_free(&f->bio);
	}
}
INITCALL(40, bio_init);

static struct bio *reserve_take(void)
{
	struct bio *b = NULL;

	spin_lock(&reserve_lock);
	if (!list_empty(&reserve)) {
		b = list_first_entry(&reserve, struct bio, link);
		list_del(&b->link);
		reserve_count--;
	}
	spin_unlock(&reserve_lock);
	return b;
}

/* GFP_NOFS: callers hold pages and locks of file systems, and reclaim would come back here. */
struct bio *bio_alloc(struct block_device *d, enum bio_op op, u64 sector)
{
	struct full_bio *f = kmem_cache_alloc(bio_cache, GFP_NOFS);
	struct bio *b = f ? &f->bio : NULL;

	if (!b)
		(void)wait_event(&reserve_queue, (b = reserve_take()) != NULL,
				 WAIT_UNINTERRUPTIBLE);
	f = container_of(b, struct full_bio, bio);
	*b = (struct bio){ .dev = d, .op = op, .sector = sector, .segments = f->segments };
	list_init(&b->link);
	return b;
}

/* The reserve is filled first: who waits for it waits for nothing else. */
void bio_free(struct bio *b)
{
	spin_lock(&reserve_lock);
	if (reserve_count < RESERVE) {
		list_add(&b->link, &reserve);
		reserve_count++;
		b = NULL;
	}
	spin_unlock(&reserve_lock);
	if (b)
		kmem_cache_free(bio_cache, container_of(b, struct full_bio, bio));
	else if (wait_queue_active(&reserve_queue))
		wake_up_all(&reserve_queue);
}

/* The device's own limit may be lower than what we have room for; a partition's is its disk's. */
bool bio_add(struct bio *b, paddr_t addr, u32 len)
{
	int max = b->dev->whole->max_segments;

	if (b->segment_count >= BIO_MAX_SEGMENTS || (max && b->segment_count >= max))
		return false;
	b->segments[b->segment_count++] = (struct bio_segment){ addr, len };
	return true;
}

/* For /proc/diskstats. A flush moves no sectors and is not counted. */
static void account(struct block_device *d, enum bio_op op, u64 sectors)
{
	if (op == BIO_READ) {
		(void)atomic_fetch_add(&d->reads, 1);
		(void)atomic_fetch_add(&d->sectors_read, sectors);
	} else if (op == BIO_WRITE) {
		(void)atomic_fetch_add(&d->writes, 1);
		(void)atomic_fetch_add(&d->sectors_written, sectors);
	}
}

/*
 * From here on b->dev is the whole device: a partition is a window on it, whose bounds are checked
 * here, so that no driver and no file system can reach beyond. (The second comparison cannot
 * overflow.)
 */
void bio_submit(struct bio *b)
{
	struct block_device *d = b->dev;
	u64 sectors = 0;

	for (int i = 0; i < b->segment_count; i++)
		sectors += b->segments[i].len >> SECTOR_SHIFT;
	(void)atomic_fetch_add(&d->whole->in_flight, 1);
	b->dev = d->whole;
	if (b->op != BIO_FLUSH && (b->sector > d->sectors || sectors > d->sectors - b->sector)) {
		bio_end(b, -EIO);
		return;
	}
	if (b->op == BIO_WRITE && (d->read_only || d->whole->read_only)) {
		bio_end(b, -EIO);
		return;
	}
	account(d, b->op, sectors);
	if (d != d->whole)
		account(d->whole, b->op, sectors);
	b->sector += d->start;
	d->whole->ops->submit(d->whole, b);
}

void bio_end(struct bio *b, int error)
{
	(void)atomic_fetch_sub(&b->dev->in_flight, 1);
	b->error = error;
	b->done(b);
}

/* ---- waiting for one ----------------------------------------------------------------------- */

/*
 * The waiter's flag lies on his stack: it is not touched any more once it is set, since he may
 * return at once. All waiters share one queue, so the wake-up touches nothing of his either.
 */
static void wake_waiter(struct bio *b)
{
	atomic_store((int *)b->private, b->error ? b->error : 1);
	wake_up_all(&done_queue);
}

/* Cannot be interrupted: the device writes into the caller's memory until it is done. */
static int submit_and_wait(struct bio *b)
{
	int result = 0;

	b->done = wake_waiter;
	b->private = &result;
	bio_submit(b);
	(void)wait_event(&done_queue, atomic_load(&result) != 0, WAIT_UNINTERRUPTIBLE);
	bio_free(b);
	return result < 0 ? result : 0;
}

/*
 * For those who have no page cache to go through: nobody looks whether the cache has the same
 * sectors. Memory has to be physically contiguous, which direct-mapped memory is.
 */
int block_rw(struct block_device *d, enum bio_op op, u64 sector, void *buf, size_t len)
{
	paddr_t pa = virt_to_phys(buf);

	while (len) {
		struct bio *b = bio_alloc(d, op, sector);
		int err;

		while (len) {
			u32 n = MIN(len, (size_t)SEGMENT_MAX);

			if (!bio_add(b, pa, n))
				break;
			pa += n;
			len -= n;
			sector += n >> SECTOR_SHIFT;
		}
		err = submit_and_wait(b);
		if (err)
			return err;
	}
	return 0;
}

/*
 * What the device has acknowledged may be in a cache that a power cut empties; afterwards it is on
 * the medium. A device that cannot be written has nothing to flush.
 */
int block_flush(struct block_device *d)
{
	if (d->whole->read_only)
		return 0;
	return submit_and_wait(bio_alloc(d, BIO_FLUSH, 0));
}

int block_sync(struct block_device *d)
{
	int err = page_cache_sync(&d->inode->pages, 0, ~0UL, true);
	int err2 = block_flush(d);

	return err ? err : err2;
}
