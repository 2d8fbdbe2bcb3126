/*
 * The page cache: the contents of a file, by page, shared by read, write, mmap and exec.
 *
 * A page (a struct frame owned by FRAME_CACHE; object = the cache's vm_object, index = page number)
 * is found in the cache's radix tree. The tree holds one reference; who uses a page holds another.
 * States, in frame.flags:
 *
 *	PG_LOCKED	one user fills, truncates or starts writing it back
 *	PG_UPTODATE	contents are valid: reading needs no lock
 *	PG_DIRTY	newer than the disk
 *	PG_WRITEBACK	being written: not to be freed
 *	PG_REFERENCED	used since reclaim last looked
 *	PG_READAHEAD	whoever reads this page starts reading the next window
 *	PG_ACTIVE	on the active list
 *	PG_CHECKED	the file system's own (ext2: a directory page whose entries were checked)
 *
 * A page leaves the tree (truncation, reclaim) only while it is locked; then its object becomes
 * NULL. So whoever locks a page he found looks at page->object again.
 *
 * Lock order: inode->lock, page lock (a file's before its device's), cache->lock (spinlock), LRU
 * lock.
 *
 * Why pages and not the blocks of the disk (as in xv6 or the first Unix): mmap and exec need whole
 * pages at page boundaries, and one copy of each byte serves them and read(2) alike, without ever
 * having to be brought in line. Metadata, which is not a file's, is cached the same way as the
 * contents of the disk device.
 */
#pragma once

#include "common/radix.h"
#include "01-memory/frame.h"
#include "02-usermode/mm.h"

struct page_cache;
struct inode;
struct file;

#define PG_READAHEAD	BIT(9)
#define PG_ACTIVE	BIT(10)
#define PG_CHECKED	BIT(11)

struct page_cache_ops {
	/*
	 * Start reading n consecutive locked pages; each must end by page_end_read(). Asynchronous
	 * where the device is. 0 or errno (then none was started). Holes give zeroes.
	 */
	int (*read_pages)(struct page_cache *c, struct frame **pages, int n);
	/*
	 * Start writing n consecutive pages marked PG_WRITEBACK; each ends by page_end_write().
	 * Must not fail for lack of blocks: reserve() allocated them. NULL: memory only, as with no
	 * ops.
	 */
	void (*write_pages)(struct page_cache *c, struct frame **pages, int n);
	/*
	 * Before [from, to) of the page is changed by write(2) or a mapping: allocate its blocks:
	 * 0 or -ENOSPC, -EDQUOT, -EIO, -ENOMEM. The page is locked. NULL: nothing to do.
	 */
	int (*reserve)(struct page_cache *c, u64 index, unsigned from, unsigned to);
	/*
	 * Whether reserve() would have to allocate something for a page within the file's size. The
	 * page is locked. NULL: never, or it does not matter.
	 */
	bool (*has_hole)(struct page_cache *c, u64 index);
	/*
	 * A write failed after reserve(): give back what lies beyond the file's size.
	 * inode->lock is held for writing. NULL: nothing to do.
	 */
	void (*trim)(struct page_cache *c);
};

struct page_cache {
	struct vm_object object;	/* areas that map it; ops: page_cache_vm_ops */
	struct spinlock lock;		/* RANK_PAGE_CACHE; protects: */
	struct radix_tree tree;
	u64 page_count, dirty_count;
	/* NULL: memory only (tmpfs): missing pages are zero, never reclaimed */
	const struct page_cache_ops *ops;
	struct inode *host;
	/* for pages: GFP_KERNEL; GFP_NOFS for a device's metadata */
	gfp_t gfp;
	/* a write-back error, reported once by page_cache_error() */
	int error;
	/* the list of caches with dirty pages: writeback.c's lock */
	struct list_head dirty_link;
	u64 dirtied_at;			/* clock_monotonic() when it came to the list */
	int flushers;			/* write-back is at work here: do not free */
};

extern const struct vm_object_ops page_cache_vm_ops;

void page_cache_init(struct page_cache *c, struct inode *host, const struct page_cache_ops *ops);

/* True if pages have no other place than memory. */
static inline bool page_cache_in_memory(const struct page_cache *c)
{
	return !c->ops || !c->ops->write_pages;
}

/* The page if present, with a reference, in whatever state; NULL if not. */
struct frame *page_find(struct page_cache *c, u64 index);
/*
 * Find or add, locked, with a reference; not necessarily up to date (in memory-only caches it is).
 * NULL: no memory.
 */
struct frame *page_grab(struct page_cache *c, u64 index);
/*
 * Up to date, unlocked, with a reference, or ERR_PTR(-EIO, -ENOMEM, -ERESTARTSYS when killed). A
 * page that has to be read brings up to `ahead` pages behind it that are missing too, within the
 * file.
 */
struct frame *page_read(struct page_cache *c, u64 index, unsigned ahead);
/*
 * The same for read(2) of an open file that will want `want` pages from here on, with read-ahead
 * that adapts to f's pattern (f->ra_next, f->ra_size).
 */
struct frame *page_read_file(struct page_cache *c, struct file *f, u64 index, unsigned want);
/*
 * Begin reading [index, index + n) where missing, without waiting (posix_fadvise, madvise
 * WILLNEED).
 */
void page_prefetch(struct page_cache *c, u64 index, unsigned n);

void page_lock(struct frame *p);
int page_lock_killable(struct frame *p);	/* 0 or -ERESTARTSYS */
bool page_trylock(struct frame *p);
void page_unlock(struct frame *p);		/* any context */
void page_put(struct frame *p);
/* p is newer than the disk; locked, or a device's under its file system's lock. */
void page_mark_dirty(struct page_cache *c, struct frame *p);
/* sets UPTODATE or ERROR, unlocks; any context */
void page_end_read(struct frame *p, int error);
void page_end_write(struct frame *p, int error);	/* clears WRITEBACK; any context */
void page_wait_writeback(struct frame *p);

/*
 * A write(2) into one page, with inode->lock held for writing:
 *
 *	p = page_write_begin(c, index, from, to);
 *	copied = copy_from_iter(frame_to_virt(p) + from, to - from, it);   under pagefault_disable()
 *	n = page_write_end(c, p, from, to, copied);
 *	(the size has grown if need be, and the inode been marked dirty for that)
 *
 * begin: the page locked with a reference, its blocks reserved, its contents outside [from, to)
 * valid; or ERR_PTR(-ENOMEM, -ENOSPC, -EIO ...). end: unlocks and puts; returns how many bytes
 * count: all that were copied or, when the page was not up to date and the copy stopped early, 0.
 * May wait when too much is dirty.
 */
struct frame *page_write_begin(struct page_cache *c, u64 index, unsigned from, unsigned to);
size_t page_write_end(struct page_cache *c, struct frame *p, unsigned from, unsigned to,
		      size_t copied);

/*
 * Remove pages from the byte `size` on (also from mappings) and zero the tail of the last one.
 * i->lock held for writing, i->size already set.
 */
void page_cache_truncate(struct page_cache *c, loff_t size);
/*
 * Drop whole pages in [first, last] even if dirty (hole punching, FADV_DONTNEED only with
 * clean_only, which keeps those that are dirty, mapped, or in use by anybody: a file system may
 * hold a page of its device and change it later). i->lock held for writing unless clean_only.
 */
void page_cache_drop_range(struct page_cache *c, u64 first, u64 last, bool clean_only);
/* Drop everything, even dirty: eviction. */
void page_cache_drop(struct page_cache *c);
/* Write dirty pages in [first, last]; wait: until they are on disk, returning the first error. */
int page_cache_sync(struct page_cache *c, u64 first, u64 last, bool wait);
/* The write-back error since the last call: 0, -EIO or -ENOSPC. */
int page_cache_error(struct page_cache *c);
/* Start writing everything that was dirty at least age_ns; of all caches. Then wait for it. */
void writeback_start(u64 age_ns);
void writeback_wake(void);		/* let the thread do it now */
/* Totals, in pages, for /proc/meminfo. */
u64 page_cache_total(void);		/* including memory-only ones */
u64 page_cache_dirty(void);
u64 page_cache_writeback(void);
u64 page_cache_active(void);
u64 page_cache_inactive(void);
