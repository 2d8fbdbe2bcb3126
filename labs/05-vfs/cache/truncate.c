/*
 * Taking pages out of a cache: truncation, hole punching, eviction.
 *
 * The caller has set the new size first. Readers and faults that found a page before look at
 * page->object once they have locked it, or, when they map it, under the page-table lock; and each
 * mapping made until then is removed by the unmap that follows the removal.
 */
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/inode.h"
#include "common/errno.h"
#include "common/string.h"

#define BATCH	32

/* The next pages in [*index, last], with references; *index moves behind them. */
/*
 * A batch, because locking a page may sleep and c->lock is a spinlock. Pages that are inserted
 * behind *index meanwhile are met; those before it are the caller's business: he has set the size
 * first, or holds the inode's lock.
 */
static int next_pages(struct page_cache *c, u64 *index, u64 last, struct frame **batch)
{
	int n = 0;

	spin_lock(&c->lock);
	while (n < BATCH && *index <= last) {
		struct frame *p = radix_next(&c->tree, index);

		if (!p || *index > last) {
			*index = last == ~0UL ? last : last + 1;
			break;
		}
		frame_get(p);
		batch[n++] = p;
		++*index;
	}
	spin_unlock(&c->lock);
	return n;
}

/*
 * For posix_fadvise(POSIX_FADV_DONTNEED): only what can be had again from the disk, and what
 * nobody has mapped, goes.
 */
static bool in_use(const struct frame *p)
{
	return READ_ONCE(p->flags) & (PG_DIRTY | PG_WRITEBACK | PG_MAPPED);
}

/*
 * Unmapped twice. Once before, so that most pages are no longer mapped when they are taken out;
 * and once after, for those that a fault mapped in between: since their object is NULL now, no
 * further fault maps them.
 */
void page_cache_drop_range(struct page_cache *c, u64 first, u64 last, bool clean_only)
{
	struct frame *batch[BATCH];
	u64 index = first;
	bool mapped = false;
	int n;

	if (!clean_only && !list_empty(&c->object.areas))
		vm_object_unmap(&c->object, first, last);
	while ((n = next_pages(c, &index, last, batch)) > 0) {
		for (int i = 0; i < n; i++) {
			struct frame *p = batch[i];

			if (clean_only && in_use(p)) {
				page_put(p);
				continue;
			}
			page_lock(p);
			if (READ_ONCE(p->object) == &c->object && !clean_only) {
				page_wait_writeback(p);
				mapped |= READ_ONCE(p->flags) & PG_MAPPED;
				page_remove(c, p);
			} else if (READ_ONCE(p->object) == &c->object && !in_use(p)) {
				(void)page_remove_if_unused(c, p);
			}
			page_unlock(p);
			page_put(p);
		}
		cond_resched();
	}
	if (mapped)
		vm_object_unmap(&c->object, first, last);
}

/*
 * The part of the last page that is cut off reads as zero if the file grows again. POSIX demands
 * it of truncate and ftruncate. The page may be a hole; then it is written nowhere, and reads as
 * zero anyway. If it cannot be read the old bytes stay on the disk behind the end.
 */
static void zero_tail(struct page_cache *c, u64 index, unsigned from)
{
	bool memory = page_cache_in_memory(c);
	struct frame *p = memory ? page_find(c, index) : page_read(c, index, 0);

	if (!p || IS_ERR(p))
		return;
	page_lock(p);
	/*
	 * Blocks of the part that is cut off are about to be freed: no write to them may be under
	 * way.
	 */
	page_wait_writeback(p);
	if (READ_ONCE(p->object) == &c->object) {
		memset((u8 *)frame_to_virt(p) + from, 0, PAGE_SIZE - from);
		page_mark_dirty(c, p);
	}
	page_unlock(p);
	page_put(p);
}

/* vm_object_cut() deals with private copies of pages behind the end, which no cache knows. */
void page_cache_truncate(struct page_cache *c, loff_t size)
{
	u64 first = ((u64)size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (size & (PAGE_SIZE - 1))
		zero_tail(c, size >> PAGE_SHIFT, size & (PAGE_SIZE - 1));
	page_cache_drop_range(c, first, ~0UL, false);
	vm_object_cut(&c->object, first);
}

/*
 * Off the list first, so that write-back does not start on it again; and once more at the end, for
 * reclaim may have held the cache by one of its pages until that page went.
 */
void page_cache_drop(struct page_cache *c)
{
	dirty_list_remove(c);
	if (c->page_count)
		page_cache_drop_range(c, 0, ~0UL, false);
	dirty_list_remove(c);
}
