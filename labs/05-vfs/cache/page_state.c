/*
 * The states of a page: its lock bit and who waits for it, up to date, dirty, under write-back; and
 * its way into the cache's tree and out of it.
 *
 * Waiting for a page is rare, so pages have no wait queue of their own: 64 queues are shared by
 * hash. A waker wakes all who wait there; each looks whether its own page is meant.
 *
 * The lock is a bit and not a mutex, since there may be millions of pages, and because it is
 * handed over: who starts a read takes it, the disk's interrupt gives it back. So it has no owner,
 * and no debug build can check the order; that is why page_cache.h states it.
 *
 * Under write-back a page is not locked: others may read it, and a write may change it while the
 * disk fetches it, which is harmless, since it is dirty again then. Only who takes it out of the
 * file (truncation, reclaim) has to wait for the end.
 */
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/inode.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/string.h"

#define QUEUES	64

static struct wait_queue queues[QUEUES];

u64 pages_cached, pages_dirty, pages_in_writeback;

static void page_queues_init(void)
{
	for (int i = 0; i < QUEUES; i++)
		wait_queue_init(&queues[i]);
}
INITCALL(30, page_queues_init);

/*
 * By the number of the frame; the shift lets its high bits count too, so that pages of one read do
 * not meet those of the next in order.
 */
static inline struct wait_queue *page_queue(const struct frame *p)
{
	u64 n = (u64)(p - frames);

	return &queues[(n ^ n >> 6) % QUEUES];
}

/*
 * Clear bits that somebody may wait for. The locked instruction orders it before the look at the
 * queue.
 */
static inline void clear_and_wake(struct frame *p, u64 bits)
{
	struct wait_queue *q = page_queue(p);

	page_clear(p, bits);
	if (unlikely(wait_queue_active(q)))
		wake_up_all(q);
}

/* ---- the lock ------------------------------------------------------------------------------ */

/* The old value says whether it was us who set the bit. */
bool page_trylock(struct frame *p)
{
	return !(atomic_fetch_or(&p->flags, PG_LOCKED) & PG_LOCKED);
}

/*
 * Uninterruptible: who holds the lock has started I/O, which ends, or computes for a moment. A
 * reader that waits for the disk takes page_lock_killable(), so that kill -9 works at a slow one.
 */
void page_lock(struct frame *p)
{
	if (unlikely(!page_trylock(p)))
		(void)wait_event(page_queue(p), page_trylock(p), WAIT_UNINTERRUPTIBLE);
}

int page_lock_killable(struct frame *p)
{
	if (likely(page_trylock(p)))
		return 0;
	return wait_event(page_queue(p), page_trylock(p), WAIT_KILLABLE);
}

void page_unlock(struct frame *p)
{
	assert(READ_ONCE(p->flags) & PG_LOCKED);
	clear_and_wake(p, PG_LOCKED);
}

void page_put(struct frame *p)
{
	frame_put(p);
}

/* ---- reading and writing ------------------------------------------------------------------- */

/*
 * In the driver's interrupt. The flags are set before the lock goes, with the order of x86's
 * locked instructions: who sees PG_UPTODATE without the lock sees the contents too.
 */
void page_end_read(struct frame *p, int error)
{
	if (error)
		page_set(p, PG_ERROR);
	else
		(void)atomic_fetch_or(&p->flags, PG_UPTODATE);
	page_unlock(p);
}

/*
 * Nobody waits in write(2) for this, so an error is kept in the cache until fsync(2) asks. The
 * page is not made dirty again: a disk that fails for good would keep it in memory for ever.
 */
void page_end_write(struct frame *p, int error)
{
	struct page_cache *c = page_cache_of(p);

	if (error) {
		page_set(p, PG_ERROR);
		atomic_store(&c->error, error);
	}
	(void)atomic_fetch_sub(&pages_in_writeback, 1);
	clear_and_wake(p, PG_WRITEBACK);
}

void page_wait_writeback(struct frame *p)
{
	(void)wait_event(page_queue(p), !(READ_ONCE(p->flags) & PG_WRITEBACK),
			 WAIT_UNINTERRUPTIBLE);
}

/*
 * The common case, a page that is dirty already, takes no lock. The first dirty page of a cache
 * puts the cache on the write-back thread's list and its inode on the file system's; later ones
 * find both there, or are found by whoever cleans the cache now.
 */
void page_mark_dirty(struct page_cache *c, struct frame *p)
{
	bool first = false;

	page_touch(p);
	if (READ_ONCE(p->flags) & PG_DIRTY || page_cache_in_memory(c))
		return;
	spin_lock(&c->lock);
	if (!(atomic_fetch_or(&p->flags, PG_DIRTY) & PG_DIRTY)) {
		first = c->dirty_count++ == 0;
		(void)atomic_fetch_add(&pages_dirty, 1);
	}
	spin_unlock(&c->lock);
	if (first) {
		dirty_list_add(c);
		if (c->host && c->host->super)
			inode_queue_dirty(c->host);
	}
}

/*
 * Flag and counts change together under c->lock, so that dirty_count is never wrong by a page that
 * two threads clean at once.
 */
bool page_clear_dirty(struct page_cache *c, struct frame *p)
{
	bool was;

	spin_lock(&c->lock);
	was = atomic_fetch_and(&p->flags, ~PG_DIRTY) & PG_DIRTY;
	if (was) {
		c->dirty_count--;
		(void)atomic_fetch_sub(&pages_dirty, 1);
	}
	spin_unlock(&c->lock);
	return was;
}

/*
 * The order makes sure that no change is lost: first the flag goes, then the mappings become
 * read-only. A fault that still found the flag set has put its writable entry where
 * vm_object_clean() sees it; one that comes later finds it clear and marks the page dirty anew.
 * The mappings are made read-only because a page is not dirty by being written to, but by the
 * fault at the first write: without it the next change would be noticed by nobody.
 */
bool page_begin_writeback(struct page_cache *c, struct frame *p)
{
	u64 size;

	if (READ_ONCE(p->flags) & PG_WRITEBACK || !page_clear_dirty(c, p))
		return false;
	page_set(p, PG_WRITEBACK);
	page_clear(p, PG_ERROR);
	(void)atomic_fetch_add(&pages_in_writeback, 1);
	if (READ_ONCE(p->flags) & PG_MAPPED)
		vm_object_clean(&c->object, p->index);
	/*
	 * Nothing but zeroes may lie behind the end on the disk, whatever a mapping wrote there. The
	 * size is read once, and only now that nobody can write to the page: what is written behind
	 * an end that has moved meanwhile must stay.
	 */
	size = c->host ? READ_ONCE(c->host->size) : 0;
	if (size >> PAGE_SHIFT == p->index && size & (PAGE_SIZE - 1)) {
		unsigned tail = size & (PAGE_SIZE - 1);

		memset((u8 *)frame_to_virt(p) + tail, 0, PAGE_SIZE - tail);
	}
	return true;
}

/* ---- in and out of the tree ---------------------------------------------------------------- */

u64 page_cache_end(struct page_cache *c)
{
	return c->host ? ((u64)READ_ONCE(c->host->size) + PAGE_SIZE - 1) >> PAGE_SHIFT : ~0UL;
}

/*
 * Called once more by file systems that know the type of a new inode only after reading it;
 * nothing may be cached yet.
 */
void page_cache_init(struct page_cache *c, struct inode *host, const struct page_cache_ops *ops)
{
	memset(c, 0, sizeof(*c));
	c->ops = ops;
	c->host = host;
	c->gfp = GFP_KERNEL;
	vm_object_init(&c->object, page_cache_object_ops(c));
	spin_init(&c->lock, "page cache", RANK_PAGE_CACHE);
	c->tree = RADIX_TREE_INIT;
	list_init(&c->dirty_link);
}

/*
 * A device's metadata (GFP_NOFS) is asked for by file systems that hold their locks; reclaim might
 * write pages of that file system and wait for those locks. So it may not reclaim itself, and as
 * failing would break off an update in the middle, it waits until the thread has made room.
 */
struct frame *page_new(struct page_cache *c)
{
	bool memory = page_cache_in_memory(c);
	gfp_t gfp = c->gfp | (memory ? GFP_ZERO : 0);
	struct frame *p;

	if (unlikely(frame_free_count() < reclaim_low))
		reclaim_wake();
	p = frame_alloc(0, gfp, FRAME_CACHE);
	for (int i = 0; !p && !(gfp & GFP_MAY_RECLAIM) && i < RECLAIM_TRIES; i++) {
		reclaim_and_wait();
		p = frame_alloc(0, gfp, FRAME_CACHE);
	}
	if (p)
		p->flags = PG_LOCKED | (memory ? PG_UPTODATE : 0);
	return p;
}

void page_discard(struct frame *p)
{
	page_clear(p, PG_LOCKED);
	frame_put(p);
}

/* Pages without a disk are on no list of reclaim's: they could be given up only by swapping. */
static int try_insert(struct page_cache *c, struct frame *p, u64 index)
{
	int err;

	spin_lock(&c->lock);
	err = radix_insert(&c->tree, index, p);
	if (!err) {
		c->page_count++;
		if (!page_cache_in_memory(c))
			lru_add(p);
	}
	spin_unlock(&c->lock);
	return err;
}

/*
 * The page must look right before it is in the tree, where others find it at once: index, object,
 * and the lock that keeps them from its contents.
 */
int page_insert(struct page_cache *c, struct frame *p, u64 index)
{
	int err;

	p->index = index;
	p->object = &c->object;
	p->private = NULL;
	frame_get(p);
	err = try_insert(c, p, index);
	/* The tree's nodes are allocated under the lock, where nothing can be reclaimed. */
	for (int i = 0; err == -ENOMEM && !page_cache_in_memory(c) && i < RECLAIM_TRIES; i++) {
		reclaim_and_wait();
		err = try_insert(c, p, index);
	}
	if (err) {
		p->object = NULL;
		frame_put(p);
		return err;
	}
	(void)atomic_fetch_add(&pages_cached, 1);
	return 0;
}

/*
 * Others may still refer to the page. They see object NULL when they have locked it, or keep
 * reading a page that is no longer the file's, as a read(2) that began before the truncation may.
 */
void page_remove(struct page_cache *c, struct frame *p)
{
	assert(READ_ONCE(p->flags) & PG_LOCKED && !(READ_ONCE(p->flags) & PG_WRITEBACK));
	page_clear_dirty(c, p);
	spin_lock(&c->lock);
	radix_remove(&c->tree, p->index);
	c->page_count--;
	if (!page_cache_in_memory(c))
		lru_remove(p);
	atomic_store(&p->object, NULL);
	spin_unlock(&c->lock);
	(void)atomic_fetch_sub(&pages_cached, 1);
	frame_put(p);
}

/* ---- totals -------------------------------------------------------------------------------- */

u64 page_cache_total(void)
{
	return READ_ONCE(pages_cached);
}

u64 page_cache_dirty(void)
{
	return READ_ONCE(pages_dirty);
}

u64 page_cache_writeback(void)
{
	return READ_ONCE(pages_in_writeback);
}
