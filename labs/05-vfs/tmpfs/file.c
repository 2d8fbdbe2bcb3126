/*
 * tmpfs: contents of files, and what they are charged for (tmpfs.h).
 *
 * A page is charged when a write finds it in the cache; pages that only a mapping has touched are
 * counted at the next occasion. So the limit can be passed by what mappings add between two calls;
 * a write that finds it passed gets ENOSPC. Charging does not count single pages but compares the
 * file's page count with what it was last charged for: one function serves growing and cutting.
 */
#include "common/errno.h"
#include "common/string.h"
#include "05-vfs/tmpfs/tmpfs.h"

/*
 * Less than before is always accepted, also above the limit (which remounting has lowered,
 * perhaps).
 */
int tmpfs_charge(struct inode *i)
{
	struct tmpfs_super *ts = tmpfs_s(i->super);
	struct tmpfs_inode *t = tmpfs_i(i);
	u64 pages, used;
	int error = 0;

	spin_lock(&ts->lock);
	pages = READ_ONCE(i->pages.page_count);
	used = ts->used_pages - t->charged_pages + pages;
	if (ts->max_pages && used > ts->max_pages && pages > t->charged_pages) {
		error = -ENOSPC;
	} else {
		ts->used_pages = used;
		t->charged_pages = pages;
		i->blocks = pages * (PAGE_SIZE / 512);
	}
	spin_unlock(&ts->lock);
	return error;
}

/* page_write_begin() has put the page into the cache by now, so it is in page_count. */
static int tmpfs_reserve(struct page_cache *c, u64 index, unsigned from, unsigned to)
{
	return READ_ONCE(c->page_count) == tmpfs_i(c->host)->charged_pages ? 0
									   : tmpfs_charge(c->host);
}

/* A write failed half-way: pages behind the end of the file are given back. */
static void tmpfs_trim(struct page_cache *c)
{
	page_cache_truncate(c, c->host->size);
	tmpfs_charge(c->host);
}

const struct page_cache_ops tmpfs_page_ops = {
	.reserve = tmpfs_reserve,
	.trim = tmpfs_trim,
};

/* inode->lock held for writing; the size first, then the pages (cache/truncate.c says why). */
int tmpfs_setattr(struct inode *i, const struct attr_change *a)
{
	if (a->valid & ATTR_SIZE) {
		bool shrink = a->size < i->size;
		int error = tmpfs_check_size(i, a->size);

		if (error)
			return error;
		WRITE_ONCE(i->size, a->size);
		if (shrink)
			page_cache_truncate(&i->pages, a->size);
		tmpfs_charge(i);
	}
	return inode_setattr(i, a);
}

static int tmpfs_stat(struct inode *i, struct stat *st)
{
	if (READ_ONCE(i->pages.page_count) != tmpfs_i(i)->charged_pages)
		tmpfs_charge(i);	/* what mappings have added */
	return inode_stat(i, st);
}

/*
 * Zero [from, to) of one page, if it exists: a missing one reads as zeroes already. The page stays
 * where it is, so mappings see the zeroes.
 */
static void zero_part(struct inode *i, u64 index, unsigned from, unsigned to)
{
	struct frame *p = from < to ? page_find(&i->pages, index) : NULL;

	if (!p)
		return;
	page_lock(p);
	memset((u8 *)frame_to_virt(p) + from, 0, to - from);
	page_unlock(p);
	page_put(p);
}

/* FALLOC_FL_PUNCH_HOLE: whole pages go, parts of pages at both ends are cleared. */
static void punch_hole(struct inode *i, u64 start, u64 end)
{
	u64 first = DIV_ROUND_UP(start, PAGE_SIZE), last = end / PAGE_SIZE;

	if (first > last) {		/* within one page */
		zero_part(i, last, start % PAGE_SIZE, end % PAGE_SIZE);
		return;
	}
	if (start % PAGE_SIZE)
		zero_part(i, first - 1, start % PAGE_SIZE, PAGE_SIZE);
	if (first < last)
		page_cache_drop_range(&i->pages, first, last - 1, false);
	zero_part(i, last, 0, end % PAGE_SIZE);
}

/* Make the pages [first, last] that are missing: 0, -ENOMEM, -ENOSPC or, when killed, -EINTR. */
static int add_pages(struct inode *i, u64 first, u64 last)
{
	int error = 0;

	for (u64 n = first; !error && n <= last; n++) {
		struct frame *p = page_grab(&i->pages, n);

		if (!p)
			return -ENOMEM;
		page_unlock(p);
		page_put(p);
		error = tmpfs_charge(i);
		cond_resched();		/* a length of gigabytes must not keep the CPU */
		if (thread_killed(current))
			error = -EINTR;
	}
	return error;
}

/*
 * fallocate(2): afterwards writes in the range do not fail for lack of space. On an error what lies
 * behind the end of the file is given back; pages within it stay, which nobody can see.
 */
int tmpfs_fallocate(struct inode *i, int mode, loff_t offset, loff_t length)
{
	loff_t end = offset + length;
	int error = 0;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE)
		error = inode_check_write(i, 0);
	else if (end > i->size)
		error = tmpfs_check_size(i, end);
	if (error)
		return error;
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		punch_hole(i, offset, end);
	} else {
		error = add_pages(i, offset >> PAGE_SHIFT, (end - 1) >> PAGE_SHIFT);
		if (!error && !(mode & FALLOC_FL_KEEP_SIZE) && end > i->size)
			WRITE_ONCE(i->size, end);
		if (error)
			page_cache_truncate(&i->pages, i->size);
	}
	tmpfs_charge(i);
	inode_touch(i, ATTR_MTIME | ATTR_CTIME);
	return error;
}

const struct inode_ops tmpfs_file_ops = {
	.stat = tmpfs_stat,
	.setattr = tmpfs_setattr,
	.fallocate = tmpfs_fallocate,
	.seals = tmpfs_seals,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
	.removexattr = tmpfs_removexattr,
};
