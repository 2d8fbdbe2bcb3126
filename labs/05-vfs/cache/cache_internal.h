/*
 * What the files of the page cache share among themselves.
 *
 * page_state.c owns flags and counts, lru.c the lists of reclaim, writeback.c the list of dirty
 * caches, readahead.c and write.c what read(2) and write(2) do around a page, truncate.c the way
 * out, vm.c mappings. page_cache.c, the exercise, is the middle of them.
 */
#pragma once

#include "05-vfs/page_cache.h"

#define READAHEAD_MAX	32u	/* pages: 128 KiB */
#define WRITE_RUN	32	/* pages that go to write_pages() at once */

static inline struct page_cache *page_cache_of(struct frame *p)
{
	struct vm_object *o = READ_ONCE(p->object);

	return o ? container_of(o, struct page_cache, object) : NULL;
}

static inline void page_set(struct frame *p, u64 bits)
{
	(void)atomic_fetch_or(&p->flags, bits);
}

static inline void page_clear(struct frame *p, u64 bits)
{
	(void)atomic_fetch_and(&p->flags, ~bits);
}

/* Note a use for reclaim; the common case is that it is noted already. */
static inline void page_touch(struct frame *p)
{
	if (!(READ_ONCE(p->flags) & PG_REFERENCED))
		page_set(p, PG_REFERENCED);
}

/* Pages of the host's contents; a cache without host has no end. */
u64 page_cache_end(struct page_cache *c);

/*
 * A fresh locked page with one reference that is in no cache (all zeroes and up to date in
 * memory-only caches), or NULL.
 */
struct frame *page_new(struct page_cache *c);
/*
 * Put a fresh page into the cache's tree, which takes a reference of its own: 0, -EEXIST if there
 * is one at index, -ENOMEM.
 */
int page_insert(struct page_cache *c, struct frame *p, u64 index);
/*
 * Take a locked page out of its cache, dirty or not; its object becomes NULL. Not under write-back.
 */
void page_remove(struct page_cache *c, struct frame *p);
/*
 * The same for a clean page, but only if nobody besides the tree and the caller has a reference:
 * who holds one may be about to change the page. True if it is out.
 */
bool page_remove_if_unused(struct page_cache *c, struct frame *p);
/* Undo page_new() for a page that was not inserted. */
void page_discard(struct frame *p);

/*
 * Start reading pages [index, index + n), as many as are missing from index on, up to the end of
 * the file; sets PG_READAHEAD on page `mark` if that is among them. 0 (also if page index is there
 * already) or errno.
 */
int page_start_read(struct page_cache *c, u64 index, unsigned n, u64 mark);
/*
 * Read a locked page that is not up to date, and lock it again: 0, -EIO, or -EAGAIN if it has left
 * the cache.
 */
int page_fill(struct page_cache *c, struct frame *p);

/* Reclaim's lists. */
void lru_add(struct frame *p);
void lru_remove(struct frame *p);

/* Dirty caches. */
void dirty_list_add(struct page_cache *c);
/* Off the list, and wait until nobody works on it: before the cache goes. */
void dirty_list_remove(struct page_cache *c);
/* Keep c from going while its pages are not locked; to be called with one of them locked. */
void cache_hold(struct page_cache *c);
void cache_release(struct page_cache *c);
/*
 * With the page locked: if it is dirty and not under write-back, make it clean and PG_WRITEBACK
 * (then the caller unlocks it and must give it to write_pages()) and return true.
 */
bool page_begin_writeback(struct page_cache *c, struct frame *p);
/* Clear PG_DIRTY and count; true if it was set. */
bool page_clear_dirty(struct page_cache *c, struct frame *p);
/*
 * Before anything is dirtied further: when too much is dirty, write c back and wait. No page
 * locked.
 */
void dirty_throttle(struct page_cache *c);
/* The vm_object operations for such a cache. */
const struct vm_object_ops *page_cache_object_ops(const struct page_cache *c);
/* Drop a file's reference later, in a thread that holds no locks. Any sleeping context. */
void file_put_later(struct file *f);
/* Memory runs low: let the thread reclaim. */
void reclaim_wake(void);
/* An allocation that may not reclaim failed: let the thread do it and wait a moment. */
void reclaim_and_wait(void);
extern u64 reclaim_low;		/* wake it when fewer frames are free */
#define RECLAIM_TRIES	2000	/* of a few milliseconds each */

extern u64 pages_cached, pages_dirty, pages_in_writeback;	/* atomic */
