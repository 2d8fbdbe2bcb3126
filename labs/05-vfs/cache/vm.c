/*
 * The page cache as a vm_object: what mmap, page faults and exec see of a file.
 *
 * A shared page starts read-only; its first write comes to write_fault(), which gives it a place on
 * the disk and marks it dirty; write-back makes it read-only again. The fault handler maps a page
 * only if, under the page-table lock, its object is still ours (else it was truncated) and, for
 * writing, it is still dirty (else write-back was faster): page_cache_truncate() and
 * page_begin_writeback() rely on that.
 *
 * A file's end is not a multiple of a page, and a mapping is: the rest of the last page reads as
 * zero, and what is written there is never seen in the file (mmap(2)). Whole pages behind the end
 * are SIGBUS: that is -EFAULT of the fault operations here. A disk that is full is SIGBUS as well,
 * since a store instruction can return no errno.
 */
#include "05-vfs/cache/cache_internal.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"
#include "05-vfs/printer.h"
#include "01-memory/kmem.h"
#include "common/errno.h"
#include "common/string.h"

#define FAULT_AROUND	READAHEAD_MAX	/* pages read with the one that faulted, aligned */
#define NAME_SIZE	4096

static struct page_cache *object_cache(struct vm_object *o)
{
	return container_of(o, struct page_cache, object);
}

/*
 * Make a page of a shared mapping writable: 0, -EAGAIN if it left the cache, -EFAULT beyond the
 * end, errno. Under the page's lock, so that truncation either comes before, and is seen, or
 * after, and takes the page away again. A hole gets its blocks now: at write-back it would be too
 * late to say ENOSPC.
 */
static int make_dirty(struct page_cache *c, struct frame *p)
{
	u64 size, start;
	int err = 0;

	page_lock(p);
	size = c->host ? READ_ONCE(c->host->size) : ~0UL;
	start = p->index << PAGE_SHIFT;
	if (READ_ONCE(p->object) != &c->object)
		err = -EAGAIN;
	else if (start >= size || (c->host && c->host->super && inode_seals(c->host) & F_SEAL_WRITE))
		err = -EFAULT;
	else if (!page_cache_in_memory(c) && !(READ_ONCE(p->flags) & PG_DIRTY) && c->ops->reserve)
		err = c->ops->reserve(c, p->index, 0, MIN(size - start, PAGE_SIZE));
	if (!err)
		page_mark_dirty(c, p);
	page_unlock(p);
	if (!err && c->host && c->host->super)
		inode_touch(c->host, ATTR_MTIME | ATTR_CTIME);
	return err;
}

/*
 * A page of a file that is in memory only, made if it is missing: but only if the file system has
 * room for it. Until that is sure it is locked and not up to date, so that nobody uses it.
 */
static struct frame *page_with_room(struct page_cache *c, u64 index)
{
	struct frame *p;
	int err;

	do {
		p = page_find(c, index);
		if (p) {
			page_put(p);
			return page_read(c, index, 0);
		}
		p = page_new(c);
		if (!p)
			return ERR_PTR(-ENOMEM);
		page_clear(p, PG_UPTODATE);
		err = page_insert(c, p, index);
		if (err)
			page_discard(p);
	} while (err == -EEXIST);
	if (err)
		return ERR_PTR(err);
	err = c->ops->reserve(c, index, 0, PAGE_SIZE);
	if (err)
		page_remove(c, p);
	else
		page_set(p, PG_UPTODATE);
	page_unlock(p);
	if (!err)
		return p;
	page_put(p);
	return ERR_PTR(err == -ENOSPC ? -EIO : err);
}

/* The page, up to date: read, with others that will be wanted, or made. */
static struct frame *page_to_map(struct page_cache *c, u64 index)
{
	if (page_cache_in_memory(c) && c->ops && c->ops->reserve)
		return page_with_room(c, index);
	if (!page_cache_in_memory(c))
		mm_fault_is_major();
	page_prefetch(c, ALIGN_DOWN(index, FAULT_AROUND), FAULT_AROUND);
	return page_read(c, index, 0);
}

/*
 * The frame is returned with a reference and not locked; the handler maps it under pt_lock if it
 * still belongs to the object. PG_MAPPED is set before that, so that reclaim and write-back never
 * believe a mapped page to be unmapped; a bit that was set for nothing costs them a look.
 */
static int page_cache_fault(struct vm_object *o, struct vm_area *a, u64 index, bool write,
			    struct frame **frame)
{
	struct page_cache *c = object_cache(o);
	struct frame *p;
	int err = 0;

	do {
		if (index >= page_cache_end(c))
			return -EFAULT;
		p = page_find(c, index);
		if (!p || !(READ_ONCE(p->flags) & PG_UPTODATE)) {
			if (p)
				page_put(p);
			p = p ? page_read(c, index, 0) : page_to_map(c, index);
			if (IS_ERR(p))
				return PTR_ERR(p);
		}
		err = write ? make_dirty(c, p) : 0;
		if (err)
			page_put(p);
	} while (err == -EAGAIN);
	if (err)
		return err == -ENOSPC || err == -EDQUOT ? -EIO : err;
	if ((READ_ONCE(p->flags) & (PG_MAPPED | PG_REFERENCED)) != (PG_MAPPED | PG_REFERENCED))
		page_set(p, PG_MAPPED | PG_REFERENCED);
	*frame = p;
	return 0;
}

/*
 * For fault-around: neighbours that need neither I/O nor a lock. A locked page is left out: it may
 * be on its way out of the file.
 */
static struct frame *page_cache_cached(struct vm_object *o, u64 index)
{
	struct page_cache *c = object_cache(o);
	struct frame *p = index < page_cache_end(c) ? page_find(c, index) : NULL;

	if (!p)
		return NULL;
	if ((READ_ONCE(p->flags) & (PG_UPTODATE | PG_LOCKED)) == PG_UPTODATE)
		return p;
	page_put(p);
	return NULL;
}

/* The first store into a page that is mapped read-only, in a shared mapping. */
static int page_cache_write_fault(struct vm_object *o, struct vm_area *a, u64 index,
				  struct frame *frame)
{
	int err = make_dirty(object_cache(o), frame);

	/* Truncated meanwhile: the handler sees that the frame is no longer ours and asks again. */
	return err == -EAGAIN ? 0 : err;
}

/*
 * Each area holds the file: its mount cannot be unmounted, and the program's text stays
 * write-protected as long as it is mapped.
 */
static void page_cache_area_open(struct vm_area *a)
{
	if (a->file)
		file_get(a->file);
}

/* The address space is locked here, and the file's last reference may evict an inode. */
static void page_cache_area_close(struct vm_area *a)
{
	if (!a->file || !ref_put(&a->file->refs))
		return;
	/*
	 * It was the last reference, so nobody else can see the file: give it back one to drop
	 * later.
	 */
	ref_init(&a->file->refs, 1);
	file_put_later(a->file);
}

/* In /proc/PID/maps names begin in the 74th column. */
static void pad_to_name(struct printer *out)
{
	size_t column = 0;

	while (column < out->len && out->buf[out->len - 1 - column] != '\n')
		column++;
	do
		print_char(out, ' ');
	while (++column < 73);
}

static void page_cache_describe(struct vm_area *a, struct printer *out)
{
	struct inode *i = a->file ? a->file->inode : NULL;
	struct path path;
	char *buf, *name;

	if (!i || !i->super)
		return;
	print(out, "%02x:%02x %llu", MAJOR(i->super->dev), MINOR(i->super->dev),
	      (unsigned long long)i->ino);
	if (!a->file->dentry)
		return;
	pad_to_name(out);
	buf = kmalloc(NAME_SIZE, GFP_KERNEL);
	if (!buf) {
		out->failed = true;
		return;
	}
	path = (struct path){ a->file->mount, a->file->dentry };
	name = path_name(&path, buf, NAME_SIZE);
	print_escaped(out, IS_ERR(name) ? "(unreachable)" : name, "\n");
	kfree(buf);
}

const struct vm_object_ops page_cache_vm_ops = {
	.fault = page_cache_fault,
	.cached = page_cache_cached,
	.write_fault = page_cache_write_fault,
	.open = page_cache_area_open,
	.close = page_cache_area_close,
	.describe = page_cache_describe,
	.track_writes = true,
};

/* Pages that have no other place than memory need not be watched. */
static const struct vm_object_ops memory_vm_ops = {
	.fault = page_cache_fault,
	.cached = page_cache_cached,
	.open = page_cache_area_open,
	.close = page_cache_area_close,
	.describe = page_cache_describe,
};

const struct vm_object_ops *page_cache_object_ops(const struct page_cache *c)
{
	return page_cache_in_memory(c) ? &memory_vm_ops : &page_cache_vm_ops;
}
