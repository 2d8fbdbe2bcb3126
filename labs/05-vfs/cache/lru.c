/*
 * Reclaim: which pages of files to give up when memory is short.
 *
 * Two lists, as in Linux: new pages come to the inactive list; a page that was used again by the
 * time reclaim meets it moves to the active one. So one long read through a big file does not push
 * out what is used all the time. Uses are noted in PG_REFERENCED (read, write) and in the accessed
 * bits of page tables; nothing moves between the lists in between.
 *
 * A page is dropped when it is clean, locked by us, unmapped, and only the tree and we refer to it.
 * Dirty ones are written, in runs, and dropped on a later visit. Memory-only pages are not listed.
 *
 * Who may do what: the two lists and their counts belong to lru_lock; a page is on a list exactly
 * while it is in a cache with a disk, and the tree's reference keeps it alive meanwhile. Reclaim
 * takes references under lru_lock, then the page's lock by trying only, for it is called by
 * whoever allocates, perhaps with other pages locked.
 *
 * Why references to a page are not simply counted and the oldest taken: a count of uses would have
 * to be kept on every read, and an old favourite would never leave. Two lists and one bit forget.
 */
#include "05-vfs/cache/cache_internal.h"
#include "02-usermode/thread.h"
#include "02-usermode/timer.h"
#include "common/init.h"
#include "common/panic.h"

#define BATCH	32

static DEFINE_SPINLOCK(lru_lock, RANK_LRU);
static LIST_HEAD(active_list);		/* by frame.link, most recent first; lru_lock */
static LIST_HEAD(inactive_list);
static u64 active_count, inactive_count;

void lru_add(struct frame *p)
{
	spin_lock(&lru_lock);
	list_add(&p->link, &inactive_list);
	inactive_count++;
	spin_unlock(&lru_lock);
}

/* PG_ACTIVE changes under lru_lock only, so it names the list that the page is on. */
static inline u64 *count_of(struct frame *p)
{
	return READ_ONCE(p->flags) & PG_ACTIVE ? &active_count : &inactive_count;
}

void lru_remove(struct frame *p)
{
	spin_lock(&lru_lock);
	list_del(&p->link);
	--*count_of(p);
	spin_unlock(&lru_lock);
}

/* The page was looked at under its own lock, which is gone: it may have left the cache since. */
static void activate(struct frame *p)
{
	page_clear(p, PG_REFERENCED);
	spin_lock(&lru_lock);
	if (READ_ONCE(p->object) && !list_empty(&p->link) && !(READ_ONCE(p->flags) & PG_ACTIVE)) {
		page_set(p, PG_ACTIVE);
		list_del(&p->link);
		list_add(&p->link, &active_list);
		inactive_count--;
		active_count++;
	}
	spin_unlock(&lru_lock);
}

/*
 * Keep a third of the pages inactive, so that there is something to choose from. A page comes back
 * here after a full turn of the active list without a use. At most BATCH at a time, because
 * interrupts are off under the lock.
 */
static void refill_inactive(void)
{
	spin_lock(&lru_lock);
	for (int i = 0; i < BATCH && active_count > 2 * inactive_count; i++) {
		struct frame *p = list_last_entry(&active_list, struct frame, link);

		list_del(&p->link);
		if (READ_ONCE(p->flags) & PG_REFERENCED) {
			page_clear(p, PG_REFERENCED);
			list_add(&p->link, &active_list);
			continue;
		}
		page_clear(p, PG_ACTIVE);
		list_add(&p->link, &inactive_list);
		active_count--;
		inactive_count++;
	}
	spin_unlock(&lru_lock);
}

/* The oldest inactive pages, with references; they go to the young end, in case they stay. */
static int take_oldest(struct frame **batch)
{
	int n = 0;

	spin_lock(&lru_lock);
	while (n < BATCH && (u64)n < inactive_count) {
		struct frame *p = list_last_entry(&inactive_list, struct frame, link);

		list_del(&p->link);
		list_add(&p->link, &inactive_list);
		frame_get(p);
		batch[n++] = p;
	}
	spin_unlock(&lru_lock);
	return n;
}

/*
 * Take the page out if nobody else refers to it. Once the count is 2 under c->lock nobody can find
 * it. page_find() takes its reference under that lock: whoever was faster shows in the count. The
 * dirty flag is looked at again, as a page can become dirty without its lock (a device's, by its
 * file system).
 */
bool page_remove_if_unused(struct page_cache *c, struct frame *p)
{
	bool unused;

	spin_lock(&c->lock);
	unused = ref_read(&p->refs) == 2 && !(READ_ONCE(p->flags) & (PG_DIRTY | PG_WRITEBACK));
	if (unused) {
		radix_remove(&c->tree, p->index);
		c->page_count--;
		lru_remove(p);
		atomic_store(&p->object, NULL);
	}
	spin_unlock(&c->lock);
	if (!unused)
		return false;
	(void)atomic_fetch_sub(&pages_cached, 1);
	frame_put(p);
	return true;
}

/*
 * Unmap a page; false if that cannot be done now. The bit is cleared first: a fault that maps the
 * page again sets it anew, and its reference makes remove_if_unused() leave the page alone.
 */
static bool unmap_page(struct page_cache *c, struct frame *p)
{
	/* Whoever allocates may hold the object's lock himself. */
	if (!down_read_trylock(&c->object.lock))
		return false;
	up_read(&c->object.lock);
	page_clear(p, PG_MAPPED);
	vm_object_unmap(&c->object, p->index, p->index);
	return true;
}

enum verdict { KEPT, USED, DIRTY, FREED };

/* With p locked and in c. */
static enum verdict try_reclaim(struct page_cache *c, struct frame *p)
{
	u64 flags = READ_ONCE(p->flags);

	if (flags & PG_WRITEBACK)
		return KEPT;
	/*
	 * Reads leave PG_REFERENCED; a load through a mapping leaves only the processor's accessed
	 * bit.
	 */
	if (flags & PG_REFERENCED ||
	    (flags & PG_MAPPED && vm_object_accessed(&c->object, p->index)))
		return USED;
	if (flags & PG_MAPPED && !unmap_page(c, p))
		return KEPT;
	if (READ_ONCE(p->flags) & PG_DIRTY)
		return DIRTY;
	return page_remove_if_unused(c, p) ? FREED : KEPT;
}

/*
 * may_write: dirty pages are written here; else the write-back thread is told that they are in the
 * way. A page is unlocked before its neighbours are written: page_cache_sync() will lock it.
 * Whole runs are written, since the disk takes 32 pages nearly as fast as one.
 */
static u64 scan(struct frame **batch, int n, bool may_write)
{
	u64 freed = 0;

	for (int i = 0; i < n; i++) {
		struct frame *p = batch[i];
		struct page_cache *c;
		enum verdict v = KEPT;
		u64 index;

		if (page_trylock(p)) {
			c = page_cache_of(p);
			index = p->index;
			v = c ? try_reclaim(c, p) : KEPT;
			if (v == DIRTY && !may_write) {
				writeback_wake();
				v = KEPT;
			} else if (v == DIRTY) {
				cache_hold(c);
			}
			page_unlock(p);
		}
		if (v == USED)
			activate(p);
		page_put(p);
		if (v == DIRTY) {
			page_cache_sync(c, ALIGN_DOWN(index, WRITE_RUN), index | (WRITE_RUN - 1),
					false);
			cache_release(c);
		}
		freed += v == FREED;
	}
	return freed;
}

/*
 * The budget bounds the work: after about two turns of everything there is nothing to be had, and
 * the caller should rather fail, or have a process killed. Pages under write-back are different:
 * they will be clean soon, so wait a little, up to two seconds.
 */
static u64 shrink(u64 want, bool may_write)
{
	u64 freed = 0, budget = 2 * inactive_count + active_count + BATCH, wait_ms = 0;
	struct frame *batch[BATCH];

	while (freed < want && budget > 0) {
		int n;

		refill_inactive();
		n = take_oldest(batch);
		if (!n)
			break;
		freed += scan(batch, n, may_write);
		budget -= MIN(budget, (u64)n);
		if (budget == 0 && !freed && page_cache_writeback() && wait_ms < 2000) {
			/* All that is left is on its way to the disk. */
			sleep_until(clock_monotonic() + 10 * NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
			wait_ms += 10;
			budget = inactive_count;
		}
	}
	return freed;
}

static u64 shrink_page_cache(u64 want)
{
	return shrink(want, true);
}
SHRINKER(50, page_cache, shrink_page_cache);

/* ---- the thread ---------------------------------------------------------------------------- */

/*
 * "reclaim" keeps some frames free for those who cannot reclaim themselves because they hold locks:
 * above all write-back, which needs memory for metadata to make memory free. So the thread itself
 * does not write: it would wait for itself.
 */
u64 reclaim_low;

static DEFINE_WAIT_QUEUE(reclaim_queue);
static DEFINE_WAIT_QUEUE(reclaimed_queue);
static bool reclaim_wanted;

/*
 * Without a lock: a wake-up that is lost because the flag was just being cleared comes with the
 * next allocation that finds memory low.
 */
void reclaim_wake(void)
{
	if (READ_ONCE(reclaim_wanted))
		return;
	WRITE_ONCE(reclaim_wanted, true);
	wake_up(&reclaim_queue);
}

/*
 * The deadline ends the wait where there is nothing to reclaim; page_new() tries again some
 * thousand times, for ten seconds or more, before it gives up.
 */
void reclaim_and_wait(void)
{
	reclaim_wake();
	(void)wait_event_until(&reclaimed_queue, !READ_ONCE(reclaim_wanted), WAIT_UNINTERRUPTIBLE,
			       clock_monotonic() + 5 * NSEC_PER_MSEC);
}

static void reclaim_thread(void *arg)
{
	for (;;) {
		u64 freed = 1;

		(void)wait_event(&reclaim_queue, READ_ONCE(reclaim_wanted), WAIT_UNINTERRUPTIBLE);
		/* What one CPU frees it keeps for itself up to a point: so free a good deal. */
		for (u64 sum = 0;
		     freed && (sum < 4 * BATCH || frame_free_count() < 2 * reclaim_low);
		     sum += freed)
			freed = shrink(2 * BATCH, false);
		WRITE_ONCE(reclaim_wanted, false);
		wake_up_all(&reclaimed_queue);
		if (!freed)
			sleep_until(clock_monotonic() + 10 * NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
	}
}

static void reclaim_init(void)
{
	struct frame_stats s;

	frame_stats(&s);
	reclaim_low = MIN(s.total / 100, 2048UL) + 64UL * cpu_count;	/* CPUs have stocks */
	if (!kthread_create("reclaim", reclaim_thread, NULL))
		panic("no memory for the reclaim thread");
}
INITCALL(40, reclaim_init);

u64 page_cache_active(void)
{
	return READ_ONCE(active_count);
}

u64 page_cache_inactive(void)
{
	return READ_ONCE(inactive_count);
}
