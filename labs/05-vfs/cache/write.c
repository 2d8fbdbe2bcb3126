/*
 * Writing into a page: what write(2) does around its copy.
 *
 * The new size of the file is set here, while the page is locked: write-back, which looks at the
 * size to know how much of a page counts, then never sees new bytes behind an old end.
 *
 * A write never reads what it will cover, and reads the rest of a page only if the file has
 * something there. The order within a page: contents made valid, blocks reserved, copied, size
 * set, marked dirty, unlocked. Blocks come before the copy, so that a full disk is known to
 * write(2) and not only to write-back, when the program has gone on.
 */
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/inode.h"
#include "common/string.h"

/*
 * Make what the write will not cover valid. Three cases: the page has contents; the write covers
 * all of it, or all that the file has in it; or the page must be read first. That is also done for
 * a hole, which costs no I/O: its new blocks hold what somebody else has deleted, and would show
 * it if the copy then failed.
 */
static int prepare(struct page_cache *c, struct frame *p, unsigned from, unsigned to)
{
	u64 size = c->host ? READ_ONCE(c->host->size) : ~0UL, start = p->index << PAGE_SHIFT;
	bool all = from == 0 && (to == PAGE_SIZE || start + to >= size);
	u8 *data = frame_to_virt(p);

	if (READ_ONCE(p->flags) & PG_UPTODATE)
		return 0;
	if (start < size &&
	    (!all || (c->ops && c->ops->has_hole && c->ops->has_hole(c, p->index))))
		return page_fill(c, p);
	/* Nothing of the file is in the rest of the page. */
	memset(data, 0, from);
	memset(data + to, 0, PAGE_SIZE - to);
	return 0;
}

/*
 * page_fill() unlocks the page for the time of the read; -EAGAIN says that it was truncated then.
 */
struct frame *page_write_begin(struct page_cache *c, u64 index, unsigned from, unsigned to)
{
	struct frame *p;
	int err;

	do {
		p = page_grab(c, index);
		if (!p)
			return ERR_PTR(-ENOMEM);
		err = prepare(c, p, from, to);
		if (!err && c->ops && c->ops->reserve)
			err = c->ops->reserve(c, index, from, to);
		if (!err)
			return p;
		page_unlock(p);
		page_put(p);
	} while (err == -EAGAIN);
	if (c->ops && c->ops->trim)
		c->ops->trim(c);
	return ERR_PTR(err);
}

size_t page_write_end(struct page_cache *c, struct frame *p, unsigned from, unsigned to,
		      size_t copied)
{
	u64 end;

	/* What was not copied holds garbage: let all of it be written again. */
	if (copied < to - from && !(READ_ONCE(p->flags) & PG_UPTODATE))
		copied = 0;
	if (copied) {
		end = (p->index << PAGE_SHIFT) + from + copied;
		page_set(p, PG_UPTODATE);
		if (c->host && end > c->host->size) {
			WRITE_ONCE(c->host->size, end);
			/* The flusher may have written the inode with its old size just now. */
			if (c->host->super)
				inode_mark_dirty(c->host);
		}
	}
	/* Also if nothing was copied: the page's blocks may be new, and hold what they should not. */
	if (READ_ONCE(p->flags) & PG_UPTODATE)
		page_mark_dirty(c, p);
	page_unlock(p);
	page_put(p);
	if (!copied && c->ops && c->ops->trim)
		c->ops->trim(c);
	if (!page_cache_in_memory(c))
		/*
		 * Whoever writes faster than the disk waits here, without a lock on the page,
		 * though with the inode's: others who write to this file would have to wait as
		 * well.
		 */
		dirty_throttle(c);
	return copied;
}
