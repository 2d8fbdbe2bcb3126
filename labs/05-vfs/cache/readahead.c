/*
 * Read-ahead: asking for pages before somebody waits for them.
 *
 * A file read from front to back gets windows that double up to 128 KiB. The first page of a window
 * that was read ahead carries PG_READAHEAD: whoever comes to it starts the next window and goes on
 * without waiting, so that the disk and the reader work at the same time. A read elsewhere in the
 * file gets what it asks for and no more.
 *
 * A struct file holds the state: ra_next is the page behind the last window, ra_size its size.
 * Threads that share the file may spoil it for each other; nothing but speed depends on it.
 *
 * A disk answers a large request in little more time than a small one, and the reader would wait
 * for each page in turn. What is read for nothing costs memory and time, so the window starts
 * small and grows only while its guess proves right. posix_fadvise(2) and readahead(2) say more,
 * but hardly any program calls them.
 */
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/inode.h"
#include "common/string.h"

static bool present(struct page_cache *c, u64 index)
{
	bool there;

	spin_lock(&c->lock);
	there = radix_lookup(&c->tree, index) != NULL;
	spin_unlock(&c->lock);
	return there;
}

/*
 * Pages are inserted, locked, before the read starts: whoever wants one of them finds it and
 * waits, and does not read it a second time. The first that is there already ends the run, since
 * pages of one request must follow each other. The reference in `batch` goes here; the lock goes
 * when the disk is done.
 */
int page_start_read(struct page_cache *c, u64 index, unsigned n, u64 mark)
{
	struct frame *batch[READAHEAD_MAX];
	u64 end = page_cache_end(c);
	unsigned count = 0, i;
	int err = 0;

	/* The page itself is read even behind the end, where file systems give zeroes. */
	n = MIN(n, READAHEAD_MAX);
	if (index + n > end)
		n = index < end ? end - index : 1;
	for (; count < n && !err; count++) {
		struct frame *p = page_new(c);

		if (!p) {
			err = -ENOMEM;
			break;
		}
		err = page_insert(c, p, index + count);
		if (err) {
			page_discard(p);
			break;
		}
		if (index + count == mark)
			page_set(p, PG_READAHEAD);
		batch[count] = p;
	}
	if (!count)
		return err == -EEXIST ? 0 : err;
	err = c->ops->read_pages(c, batch, count);
	for (i = 0; i < count; i++) {
		if (err)
			page_end_read(batch[i], err);
		page_put(batch[i]);
	}
	return err;
}

/*
 * Locked, unlocked by the end of the read, and locked again: in between the page may be truncated,
 * or somebody else may have filled it.
 */
int page_fill(struct page_cache *c, struct frame *p)
{
	int err;

	page_clear(p, PG_ERROR);
	err = c->ops->read_pages(c, &p, 1);
	if (err)
		return err;
	page_lock(p);
	if (READ_ONCE(p->object) != &c->object)
		return -EAGAIN;
	if (READ_ONCE(p->flags) & PG_UPTODATE)
		return 0;
	return READ_ONCE(p->flags) & PG_ERROR ? -EIO : -EAGAIN;
}

/*
 * Start reading what is missing in the window, which is marked at its page `mark`. Errors are not
 * reported: nobody has asked for these pages yet. Who does reads them again and is told.
 */
static void read_window(struct page_cache *c, u64 index, unsigned n, u64 mark)
{
	u64 end = MIN(index + n, page_cache_end(c));

	while (index < end) {
		if (present(c, index)) {
			index++;
			continue;
		}
		if (page_start_read(c, index, end - index, mark))
			return;
		index++;
	}
}

/* Pages of a memory-only cache are there or are holes. */
void page_prefetch(struct page_cache *c, u64 index, unsigned n)
{
	if (!page_cache_in_memory(c))
		read_window(c, index, n, ~0UL);
}

/*
 * Called while the reader still has the pages from here to the end of the window before him. If
 * f's notes are of another place (another file position, another process), the window begins
 * behind this page. Not inlined, as it is rare and page_read_file() is not.
 */
static __noinline void next_window(struct page_cache *c, struct file *f, struct frame *p)
{
	u64 start = f->ra_next;

	page_clear(p, PG_READAHEAD);
	if (start <= p->index || start > p->index + READAHEAD_MAX)
		start = p->index + 1;
	f->ra_size = MIN(MAX(f->ra_size * 2, 4UL), (u64)READAHEAD_MAX);
	f->ra_next = start + f->ra_size;
	read_window(c, start, f->ra_size, start);
}

/*
 * The page is missing: nobody has read ahead so far. A new struct file has ra_next 0, so a read at
 * the start counts as sequential, which most are.
 */
static __noinline void first_window(struct page_cache *c, struct file *f, u64 index, unsigned want)
{
	u64 n = MIN(MAX(want, 1u), READAHEAD_MAX), mark = ~0UL;

	if (index == f->ra_next) {
		/* From the start of the file, or where the last window ended. */
		n = MIN(MAX(n * 2, MAX(f->ra_size * 2, 4UL)), (u64)READAHEAD_MAX);
		mark = index + n / 2;
	}
	f->ra_size = n;
	f->ra_next = index + n;
	read_window(c, index, n, mark);
}

/* The hot path of read(2): one look in the tree, one look at the flags. */
struct frame *page_read_file(struct page_cache *c, struct file *f, u64 index, unsigned want)
{
	struct frame *p = page_find(c, index);

	if (likely(p)) {
		u64 flags = READ_ONCE(p->flags);

		if (unlikely(flags & PG_READAHEAD))
			next_window(c, f, p);
		if (likely(flags & PG_UPTODATE)) {
			if (!(flags & PG_REFERENCED))
				page_set(p, PG_REFERENCED);
			return p;
		}
		page_put(p);
	} else if (!page_cache_in_memory(c)) {
		first_window(c, f, index, want);
	}
	return page_read(c, index, 0);
}
