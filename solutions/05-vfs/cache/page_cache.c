/*
 * Finding, making and reading pages: the heart of the page cache.
 *
 * Everything that touches a file comes through here: read(2) and write(2), page faults in mapped
 * files, exec, directories of ext2, and, through the cache of the disk itself, its metadata.
 *
 * A page's reference count says who may free it, its lock bit who may fill it, its flags whether
 * its contents mean anything. Between finding a page and locking it anything may happen: it may be
 * truncated or reclaimed, so that it belongs to no file any more although we still hold it.
 *
 * Exercise 5.3
 * Goal:      page_find() returns the page of the tree with a reference for the caller, page_grab()
 *            finds or adds a page and returns it locked, page_read() returns one that is up to
 *            date.
 * Invariant: the reference is taken before c->lock is released. Whoever locks a page that he found
 *            uses it only if its object still is this cache. A page is inserted locked, so that
 *            nobody
 *            reads it before it is filled. A page that is up to date is returned without its lock.
 * Symptom:   "use of freed memory" or bytes of another file in yours: no reference, or no second
 * look
 *            at the object. A hang in page_lock(): an error path that keeps the page locked, or two
 *            reads of one page. A read error that loops for ever: PG_ERROR is not looked at.
 * Read:      05-vfs/page_cache.h, cache/cache_internal.h, common/radix.h; POSIX says nothing of it.
 */
#include "05-vfs/cache/cache_internal.h"
#include "common/exercise.h"

struct frame *page_find(struct page_cache *c, u64 index)
{
	/* EXERCISE 5.3 BEGIN  blank: return NULL; */
	struct frame *p;

	spin_lock(&c->lock);
	p = radix_lookup(&c->tree, index);
	if (p)
		frame_get(p);
	spin_unlock(&c->lock);
	return p;
	/* EXERCISE 5.3 END */
}

/* EXERCISE 5.3 BEGIN  blank-toplevel */
/* Whether p, which we locked, is still a page of c; if not it is unlocked and put. */
static bool still_here(struct page_cache *c, struct frame *p)
{
	if (likely(READ_ONCE(p->object) == &c->object))
		return true;
	page_unlock(p);
	page_put(p);
	return false;
}
/* EXERCISE 5.3 END */

/* Find it, or make one (page_new(), page_insert()); somebody may be faster than we are. */
struct frame *page_grab(struct page_cache *c, u64 index)
{
	/* EXERCISE 5.3 BEGIN  blank: return NULL; */
	for (;;) {
		struct frame *p = page_find(c, index);
		int err;

		if (p) {
			page_lock(p);
			if (still_here(c, p))
				return p;
			continue;
		}
		p = page_new(c);
		if (!p)
			return NULL;
		err = page_insert(c, p, index);
		if (!err)
			return p;
		page_discard(p);
		if (err != -EEXIST)
			return NULL;
	}
	/* EXERCISE 5.3 END */
}

/*
 * Read the page if need be. page_start_read() begins to read a page that is missing, and some
 * behind it; the page then is in the tree, locked until its contents have come. page_fill() reads a
 * locked page that is there without contents, because an earlier attempt failed.
 */
struct frame *page_read(struct page_cache *c, u64 index, unsigned ahead)
{
	/* EXERCISE 5.3 BEGIN  blank: return ERR_PTR(-EIO); */
	for (;;) {
		struct frame *p = page_find(c, index);
		int err;

		if (!p && page_cache_in_memory(c)) {
			p = page_grab(c, index);
			if (!p)
				return ERR_PTR(-ENOMEM);
			page_unlock(p);
		} else if (!p) {
			err = page_start_read(c, index, 1 + ahead, ~0UL);
			if (err)
				return ERR_PTR(err);
			continue;
		}
		if (likely(READ_ONCE(p->flags) & PG_UPTODATE)) {
			page_touch(p);
			return p;
		}
		err = page_lock_killable(p);
		if (err) {
			page_put(p);
			return ERR_PTR(err);
		}
		if (!still_here(c, p))
			continue;
		err = READ_ONCE(p->flags) & PG_UPTODATE ? 0 : page_fill(c, p);
		page_unlock(p);
		if (!err)
			return p;
		page_put(p);
		if (err != -EAGAIN)
			return ERR_PTR(err);
	}
	/* EXERCISE 5.3 END */
}
