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
	/* EXERCISE 5.3: your code here. */
	exercise_blank("5.3");
	return NULL;
}

/* Find it, or make one (page_new(), page_insert()); somebody may be faster than we are. */
struct frame *page_grab(struct page_cache *c, u64 index)
{
	/* EXERCISE 5.3: your code here. */
	exercise_blank("5.3");
	return NULL;
}

/*
 * Read the page if need be. page_start_read() begins to read a page that is missing, and some
 * behind it; the page then is in the tree, locked until its contents have come. page_fill() reads a
 * locked page that is there without contents, because an earlier attempt failed.
 */
struct frame *page_read(struct page_cache *c, u64 index, unsigned ahead)
{
	/* EXERCISE 5.3: your code here. */
	exercise_blank("5.3");
	return ERR_PTR(-EIO);
}
