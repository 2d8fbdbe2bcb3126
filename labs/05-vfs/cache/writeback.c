/*
 * Write-back: getting dirty pages to the disk, by age, by amount, and on request.
 *
 * Every cache with dirty pages is on one list, in the order in which they became dirty. The thread
 * "writeback" looks at it every 5 seconds and writes the caches that have been dirty for 30
 * (attributes of inodes are the business of vfs/sync.c); it is woken early when a tenth of memory
 * is dirty. At a fifth, writers have to wait. (Linux's figures:
 * Documentation/admin-guide/sysctl/vm.rst.)
 *
 * A cache may go (its inode is evicted) at any time; `flushers` counts who works on it without
 * holding the inode, and eviction waits for them.
 *
 * Who writes: this thread (age, amount), sync and fsync (all of one file, and wait), reclaim
 * (some), and a writer who has made too much dirty. They may all work on one cache at once; a page
 * belongs to whoever turns PG_DIRTY into PG_WRITEBACK under its lock.
 */
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/inode.h"
#include "common/init.h"
#include "common/panic.h"
#include "02-usermode/timer.h"

#define INTERVAL	(5 * NSEC_PER_SEC)
#define MAX_AGE		(30 * NSEC_PER_SEC)
#define SCAN_CHUNK	256	/* pages looked at under one lock hold */

static DEFINE_SPINLOCK(dirty_lock, RANK_LRU);
static LIST_HEAD(dirty_caches);		/* by dirty_link, oldest first; dirty_lock */
static DEFINE_WAIT_QUEUE(flushers_gone);

static DEFINE_WAIT_QUEUE(writeback_queue);
static bool writeback_wanted;
static struct file *put_list;		/* files to drop, by put_next; atomic */

/* ---- the list of dirty caches -------------------------------------------------------------- */

/*
 * The time is that of the first page to become dirty: MAX_AGE bounds how much work a crash can
 * cost.
 */
void dirty_list_add(struct page_cache *c)
{
	spin_lock(&dirty_lock);
	if (list_empty(&c->dirty_link)) {
		c->dirtied_at = clock_monotonic();
		list_add_tail(&c->dirty_link, &dirty_caches);
	}
	spin_unlock(&dirty_lock);
}

/*
 * Waiting drops dirty_lock and takes it again (wait_event_locked). Nobody can begin anew: the
 * cache is off the list, and reclaim holds it only by a page that is in it.
 */
void dirty_list_remove(struct page_cache *c)
{
	spin_lock(&dirty_lock);
	list_del(&c->dirty_link);
	(void)wait_event_locked(&flushers_gone, c->flushers == 0, &dirty_lock, WAIT_UNINTERRUPTIBLE,
				WAIT_FOREVER);
	spin_unlock(&dirty_lock);
}

void cache_hold(struct page_cache *c)
{
	spin_lock(&dirty_lock);
	c->flushers++;
	spin_unlock(&dirty_lock);
}

/* The cache may be freed as soon as the lock is dropped; the queue is no part of it. */
void cache_release(struct page_cache *c)
{
	bool last;

	spin_lock(&dirty_lock);
	last = --c->flushers == 0;
	spin_unlock(&dirty_lock);
	if (last && wait_queue_active(&flushers_gone))
		wake_up_all(&flushers_gone);
}

/*
 * The oldest cache that was dirtied before `limit`, held and counted as dirtied now; NULL if there
 * is none. It goes to the end of the list and stays on it, so that pages which become dirty
 * meanwhile are not forgotten; caches that turn out clean leave the list here.
 */
static struct page_cache *next_dirty(u64 limit, u64 now)
{
	struct page_cache *c, *tmp, *found = NULL;

	spin_lock(&dirty_lock);
	list_for_each_entry_safe(c, tmp, &dirty_caches, dirty_link) {
		if (c->dirtied_at > limit)
			break;
		if (!READ_ONCE(c->dirty_count)) {
			list_del(&c->dirty_link);
			continue;
		}
		c->dirtied_at = now;
		list_move_tail(&c->dirty_link, &dirty_caches);
		c->flushers++;
		found = c;
		break;
	}
	spin_unlock(&dirty_lock);
	return found;
}

/* Does not wait for the disk. */
void writeback_start(u64 age_ns)
{
	u64 now = clock_monotonic(), limit = now > age_ns ? now - age_ns : 0;
	struct page_cache *c;

	/* Caches that become dirty again meanwhile carry a time behind the limit. */
	while ((c = next_dirty(limit, now + 1)) != NULL) {
		page_cache_sync(c, 0, ~0UL, false);
		cache_release(c);
		cond_resched();
	}
}

/* ---- one cache ----------------------------------------------------------------------------- */

/*
 * Pages that are consecutive and on their way. They are given to write_pages() before we wait for
 * anything, since others may wait for them.
 */
struct run {
	struct page_cache *cache;
	struct frame *pages[WRITE_RUN];
	int count;
};

static void run_submit(struct run *r)
{
	int n = r->count;

	if (!n)
		return;
	r->count = 0;
	/* The last page to end may take the cache with it. */
	r->cache->ops->write_pages(r->cache, r->pages, n);
	for (int i = 0; i < n; i++)
		page_put(r->pages[i]);
}

/*
 * Lock p and add it if it is dirty; consumes the reference. Never wait for a page while pages of
 * the run are under write-back and not yet handed to the disk: who holds that lock may be waiting
 * for one of them. With `wait`, a page that is dirty and under write-back has been changed since
 * that write began, and has to be written once more.
 */
static void run_add(struct run *r, struct frame *p, bool wait)
{
	struct page_cache *c = r->cache;

	if (r->count && (p->index != r->pages[r->count - 1]->index + 1 || r->count == WRITE_RUN))
		run_submit(r);
	if (!page_trylock(p)) {
		run_submit(r);
		page_lock(p);
	}
	if (wait && READ_ONCE(p->flags) & PG_WRITEBACK && READ_ONCE(p->flags) & PG_DIRTY) {
		run_submit(r);
		page_wait_writeback(p);
	}
	if (READ_ONCE(p->object) == &c->object && page_begin_writeback(c, p)) {
		r->pages[r->count++] = p;
		page_unlock(p);
		return;
	}
	page_unlock(p);
	page_put(p);
}

/*
 * The next page in [*index, last] that has one of the flags, with a reference; *index moves behind
 * it. The spinlock is dropped now and then, because a file may have millions of pages and none
 * that is wanted.
 */
static struct frame *next_with(struct page_cache *c, u64 *index, u64 last, u64 flags)
{
	struct frame *p = NULL;

	while (!p && *index <= last) {
		spin_lock(&c->lock);
		for (int i = 0; i < SCAN_CHUNK && *index <= last; i++) {
			p = radix_next(&c->tree, index);
			if (!p || *index > last) {
				p = NULL;
				*index = last;
			} else if (READ_ONCE(p->flags) & flags) {
				frame_get(p);
			} else {
				p = NULL;
			}
			if (++*index == 0 || p)
				break;
		}
		spin_unlock(&c->lock);
		if (*index == 0) {
			*index = ~0UL;		/* last was the largest number */
			break;
		}
	}
	return p;
}

/*
 * Taken by the first who asks: fsync(2) reports an error once. (Linux reports it once to every
 * open file.)
 */
int page_cache_error(struct page_cache *c)
{
	return READ_ONCE(c->error) ? atomic_xchg(&c->error, 0) : 0;
}

/*
 * First all writes are started, then all are waited for, so that the disk can put them in order. A
 * page that others make dirty behind the scan is not this call's business: fsync(2) is about what
 * was written before it.
 */
int page_cache_sync(struct page_cache *c, u64 first, u64 last, bool wait)
{
	struct run r = { .cache = c };
	struct frame *p;
	u64 index = first;
	int err = 0;

	if (page_cache_in_memory(c))
		return 0;
	last = MIN(last, ~0UL - 1);
	if (READ_ONCE(c->dirty_count)) {
		while ((p = next_with(c, &index, last, PG_DIRTY)) != NULL)
			run_add(&r, p, wait);
		run_submit(&r);
	}
	if (!wait)
		return 0;
	index = first;
	while ((p = next_with(c, &index, last, PG_WRITEBACK)) != NULL) {
		page_wait_writeback(p);
		if (READ_ONCE(p->flags) & PG_ERROR)
			err = -EIO;
		page_put(p);
	}
	return err ? err : page_cache_error(c);
}

/* ---- amounts ------------------------------------------------------------------------------- */

/* Pages that could be clean cache: what shares of dirty pages are counted of. */
static u64 usable_pages(void)
{
	return frame_free_count() + page_cache_active() + page_cache_inactive();
}

/*
 * A few megabytes may always be dirty. The writer then writes his own file and not the oldest: it
 * costs him, and not the others, what he does.
 */
void dirty_throttle(struct page_cache *c)
{
	u64 dirty = page_cache_dirty() + page_cache_writeback(), usable;

	if (likely(dirty < 1024))
		return;
	usable = usable_pages();
	if (dirty > usable / 10)
		writeback_wake();
	if (dirty > usable / 5)
		(void)page_cache_sync(c, 0, ~0UL, true);
}

void writeback_wake(void)
{
	if (READ_ONCE(writeback_wanted))
		return;
	WRITE_ONCE(writeback_wanted, true);
	wake_up(&writeback_queue);
}

/* ---- the thread ---------------------------------------------------------------------------- */

/*
 * A list without a lock: one puts in front, the other takes all at once, so no element is ever
 * taken out of the middle (and the ABA problem cannot come up).
 */
void file_put_later(struct file *f)
{
	struct file *head = READ_ONCE(put_list);

	do
		f->put_next = head;
	while (!__atomic_compare_exchange_n(&put_list, &head, f, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE));
	wake_up(&writeback_queue);
}

/* Here no lock is held, so the last reference to a file may free its inode. */
static void put_files(void)
{
	struct file *f = atomic_xchg(&put_list, NULL);

	while (f) {
		struct file *next = f->put_next;

		file_put(f);
		f = next;
	}
}

/* It holds no lock when it begins either job: that is what makes it the right place for both. */
static void writeback_thread(void *arg)
{
	u64 next = clock_monotonic() + INTERVAL;

	for (;;) {
		(void)wait_event_until(&writeback_queue,
				       READ_ONCE(writeback_wanted) || READ_ONCE(put_list),
				       WAIT_UNINTERRUPTIBLE, next);
		put_files();
		if (READ_ONCE(writeback_wanted)) {
			WRITE_ONCE(writeback_wanted, false);
			writeback_start(0);
		}
		if (clock_monotonic() >= next) {
			writeback_start(MAX_AGE);
			next = clock_monotonic() + INTERVAL;
		}
	}
}

static void writeback_init(void)
{
	if (!kthread_create("writeback", writeback_thread, NULL))
		panic("no memory for the write-back thread");
}
INITCALL(80, writeback_init);
