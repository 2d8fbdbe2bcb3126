/*
 * Exercise 5.3: the page cache over a file that exists nowhere. Its operations count the reads,
 * fill page n with n + 1, end them at once or when the test says so, and fail on request.
 */
#include "common/errno.h"
#include "common/ktest.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/thread.h"
#include "02-usermode/timer.h"
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/inode.h"

#define PAGES	40

static struct inode host;
static struct page_cache *c;
static int reads, fail_reads;		/* pages asked for; how many more reads fail */
static bool hold_reads;			/* reads end by finish_reads() */
static struct frame *held[PAGES];
static int held_count;

static void finish(struct frame *p)
{
	memset(frame_to_virt(p), (int)p->index + 1, PAGE_SIZE);
	page_end_read(p, 0);
}

static int fake_read(struct page_cache *cache, struct frame **pages, int n)
{
	for (int i = 0; i < n; i++) {
		reads++;
		if (fail_reads) {
			fail_reads--;
			page_end_read(pages[i], -EIO);
		} else if (hold_reads) {
			frame_get(pages[i]);
			held[held_count++] = pages[i];
		} else {
			finish(pages[i]);
		}
	}
	return 0;
}

static void finish_reads(void)
{
	while (held_count) {
		struct frame *p = held[--held_count];

		finish(p);
		frame_put(p);
	}
}

static void fake_write(struct page_cache *cache, struct frame **pages, int n)
{
	for (int i = 0; i < n; i++)
		page_end_write(pages[i], 0);
}

static const struct page_cache_ops fake_ops = {.read_pages = fake_read, .write_pages = fake_write};

static void begin(void)
{
	memset(&host, 0, sizeof(host));
	host.size = PAGES * PAGE_SIZE;
	c = &host.pages;
	page_cache_init(c, &host, &fake_ops);
	reads = fail_reads = held_count = 0;
	hold_reads = false;
}

static void end(void)
{
	page_cache_drop(c);
}

/* A helper thread and what it found. */
static DEFINE_WAIT_QUEUE(helper_queue);
static struct frame *helper_page;
static bool helper_started, helper_done;

static void helper_grabs(void *arg)
{
	atomic_store(&helper_started, true);
	helper_page = page_grab(c, (u64)arg);
	atomic_store(&helper_done, true);
	wake_up_all(&helper_queue);
}

static void helper_reads(void *arg)
{
	atomic_store(&helper_started, true);
	helper_page = page_read(c, (u64)arg, 0);
	atomic_store(&helper_done, true);
	wake_up_all(&helper_queue);
}

static bool start_helper(void (*fn)(void *), u64 index)
{
	helper_started = helper_done = false;
	helper_page = NULL;
	if (!kthread_create("test helper", fn, (void *)index))
		return false;
	while (!atomic_load(&helper_started))
		thread_yield();
	/* Time enough to get to its wait. */
	sleep_until(clock_monotonic() + 20 * NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
	return true;
}

static bool helper_ends(void)
{
	return wait_event_until(&helper_queue, atomic_load(&helper_done), WAIT_UNINTERRUPTIBLE,
				clock_monotonic() + 5 * NSEC_PER_SEC) == 0;
}

KTEST(page_find_holds, "5.3", 2,
      "page_find() returns the page that is there, with a reference of its own")
{
	struct frame *p, *q;

	begin();
	KTEST_ASSERT(page_find(c, 3) == NULL);
	p = page_grab(c, 3);
	KTEST_ASSERT(p);
	KTEST_EQ(p->index, 3);
	KTEST_EQ(ref_read(&p->refs), 2);		/* the tree and we */
	q = page_find(c, 3);
	KTEST_ASSERT(q == p);
	KTEST_EQ(ref_read(&p->refs), 3);
	KTEST_ASSERT(page_find(c, 4) == NULL);
	page_unlock(p);
	page_put(p);
	page_put(q);
	end();
	KTEST_EQ(c->page_count, 0);
}

KTEST(page_grab_once, "5.3", 2,
      "page_grab() makes a page once, locked, and survives a lack of memory")
{
	struct frame *p, *q;

	begin();
	p = page_grab(c, 7);
	KTEST_ASSERT(p);
	KTEST_ASSERT(READ_ONCE(p->flags) & PG_LOCKED);
	KTEST_ASSERT(!(READ_ONCE(p->flags) & PG_UPTODATE));
	page_unlock(p);
	q = page_grab(c, 7);
	KTEST_ASSERT(q == p);
	KTEST_ASSERT(READ_ONCE(q->flags) & PG_LOCKED);
	KTEST_EQ(c->page_count, 1);
	KTEST_EQ(ref_read(&p->refs), 3);
	page_unlock(q);
	page_put(p);
	page_put(q);
	alloc_fail_after(1);
	p = page_grab(c, 8);
	alloc_fail_after(0);
	KTEST_MSG(p == NULL, "page_grab() without memory should return NULL");
	KTEST_EQ(c->page_count, 1);
	end();
}

#define RACES	3000	/* beside other work few of them are close enough to matter */

static int racing[2], race_lost;

/* Both grab page after page, each at the same time as the other one. */
static void race(int me)
{
	for (int i = 1; i <= RACES; i++) {
		struct frame *p;

		atomic_store(&racing[me], i);
		for (int spins = 0; atomic_load(&racing[!me]) < i; spins++)
			if (cpu_count == 1 || spins > 10000)	/* perhaps it is on our CPU */
				thread_yield();
		p = page_grab(c, i);
		if (!p) {
			atomic_store(&race_lost, i);
			continue;
		}
		page_unlock(p);
		page_put(p);
	}
}

static void helper_races(void *arg)
{
	race(1);
	atomic_store(&helper_done, true);
	wake_up_all(&helper_queue);
}

KTEST(page_grab_race, "5.3", 2, "when two threads want the same new page, both get it, whoever comes first")
{
	bool ended;

	begin();
	racing[0] = racing[1] = race_lost = 0;
	helper_done = false;
	KTEST_ASSERT(kthread_create("test helper", helper_races, NULL));
	race(0);
	ended = helper_ends();
	KTEST_ASSERT(ended);
	KTEST_EQ(c->page_count, RACES);
	end();
	KTEST_MSG(
		!race_lost,
		"page_grab() found no memory for page %d, while another thread made the same page",
		race_lost);
}

KTEST(page_grab_truncated, "5.3", 3,
      "a page that left the cache while page_grab() waited for it is not used")
{
	struct frame *p, *q;

	begin();
	p = page_grab(c, 5);
	KTEST_ASSERT(p);
	KTEST_ASSERT(start_helper(helper_grabs, 5));
	KTEST_ASSERT(!atomic_load(&helper_done));
	page_remove(c, p);
	page_unlock(p);
	KTEST_MSG(helper_ends(), "the other thread should get a page now, it still waits");
	q = helper_page;
	KTEST_ASSERT(q);
	KTEST_MSG(q->object == &c->object, "a page of no file was returned");
	KTEST_ASSERT(q != p);
	KTEST_ASSERT(READ_ONCE(q->flags) & PG_LOCKED);
	KTEST_EQ(ref_read(&p->refs), 1);		/* only ours is left */
	page_unlock(q);
	page_put(q);
	page_put(p);
	end();
}

KTEST(page_read_cached, "5.3", 3,
      "page_read() reads a page once, and takes no lock when it is up to date")
{
	struct frame *p, *q;

	begin();
	p = page_read(c, 2, 0);
	KTEST_ASSERT(p && !IS_ERR(p));
	KTEST_EQ(*(u8 *)frame_to_virt(p), 3);
	KTEST_ASSERT(!(READ_ONCE(p->flags) & PG_LOCKED));
	KTEST_EQ(reads, 1);
	page_lock(p);
	KTEST_ASSERT(start_helper(helper_reads, 2));
	KTEST_MSG(helper_ends(), "page_read() of a page that is up to date waits for its lock");
	page_unlock(p);
	q = helper_page;
	KTEST_ASSERT(q == p);
	KTEST_EQ(reads, 1);
	KTEST_EQ(ref_read(&p->refs), 3);
	page_put(q);
	page_put(p);
	/* Pages behind it come along. */
	p = page_read(c, 10, 3);
	KTEST_ASSERT(p && !IS_ERR(p));
	page_put(p);
	KTEST_EQ(reads, 5);
	KTEST_EQ(c->page_count, 5);
	end();
}

KTEST(page_read_error, "5.3", 3, "a failed read gives -EIO, and the next page_read() tries again")
{
	struct frame *p;

	begin();
	fail_reads = 100;
	p = page_read(c, 0, 0);
	KTEST_ASSERT(IS_ERR(p));
	KTEST_EQ(PTR_ERR(p), -EIO);
	fail_reads = 0;
	p = page_find(c, 0);
	if (p) {
		KTEST_ASSERT(!(READ_ONCE(p->flags) & (PG_LOCKED | PG_UPTODATE)));
		KTEST_EQ(ref_read(&p->refs), 2);
		page_put(p);
	}
	p = page_read(c, 0, 0);
	KTEST_ASSERT(!IS_ERR(p));
	KTEST_EQ(*(u8 *)frame_to_virt(p), 1);
	page_put(p);
	end();
}

KTEST(page_read_together, "5.3", 3,
      "two threads that want the same page read it once and both wait for it")
{
	struct frame *p;

	begin();
	hold_reads = true;
	KTEST_ASSERT(start_helper(helper_reads, 9));
	KTEST_EQ(reads, 1);
	KTEST_ASSERT(!atomic_load(&helper_done));
	p = page_find(c, 9);
	KTEST_ASSERT(p);
	KTEST_ASSERT(READ_ONCE(p->flags) & PG_LOCKED);
	page_put(p);
	hold_reads = false;
	finish_reads();
	p = page_read(c, 9, 0);
	KTEST_ASSERT(!IS_ERR(p));
	KTEST_ASSERT(helper_ends());
	KTEST_ASSERT(helper_page == p);
	KTEST_EQ(reads, 1);
	KTEST_EQ(*(u8 *)frame_to_virt(p), 10);
	page_put(helper_page);
	page_put(p);
	end();
}

/* ---- what is given ---- */

KTEST(page_truncate, "5.0", 0, "truncation removes whole pages and clears the rest of the last one")
{
	struct frame *p;

	begin();
	for (u64 n = 0; n < 4; n++) {
		p = page_read(c, n, 0);
		KTEST_ASSERT(!IS_ERR(p));
		page_put(p);
	}
	host.size = PAGE_SIZE + 100;
	page_cache_truncate(c, host.size);
	KTEST_EQ(c->page_count, 2);
	p = page_find(c, 1);
	KTEST_ASSERT(p);
	KTEST_EQ(((u8 *)frame_to_virt(p))[99], 2);
	KTEST_EQ(((u8 *)frame_to_virt(p))[100], 0);
	KTEST_EQ(((u8 *)frame_to_virt(p))[PAGE_SIZE - 1], 0);
	page_put(p);
	end();
}

KTEST(page_dirty_count, "5.0", 0, "dirty pages are counted and written once")
{
	struct frame *p;

	begin();
	p = page_write_begin(c, 6, 0, PAGE_SIZE);
	KTEST_ASSERT(!IS_ERR(p));
	memset(frame_to_virt(p), 1, PAGE_SIZE);
	KTEST_EQ(page_write_end(c, p, 0, PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	KTEST_EQ(c->dirty_count, 1);
	KTEST_EQ(page_cache_sync(c, 0, ~0UL, true), 0);
	KTEST_EQ(c->dirty_count, 0);
	p = page_find(c, 6);
	KTEST_ASSERT(p);
	KTEST_ASSERT(!(READ_ONCE(p->flags) & (PG_DIRTY | PG_WRITEBACK)));
	page_put(p);
	end();
}
