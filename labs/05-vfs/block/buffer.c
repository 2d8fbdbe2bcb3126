/*
 * The page cache of a block device, and metadata blocks in it.
 *
 * A page of the device can hold a file system's metadata next to blocks of files, whose contents
 * go to the disk past this cache. So not pages but sectors are dirty: a mask in frame.private says
 * which, and only those are written. Writing the whole page would put back what the other blocks
 * were when the page was read. reserve() sets the mask for write(2) on the device and for
 * mappings.
 *
 * frame.private of a device's page:
 *
 *	bits 0-7	sectors that are dirty
 *	bits 32-	pieces under way (page_io.c)
 *
 * A buffer is a reference to the page and a pointer into it. It excludes nobody: a file system
 * orders its changes by a lock of its own, and write-back may read a block in the middle of a
 * change. That is harmless, since the block is marked dirty after the change and so written again.
 *
 * Pages are allocated without reclaim, since file systems hold their locks when they ask for them.
 */
#include "05-vfs/block/block_internal.h"
#include "05-vfs/inode.h"
#include "common/errno.h"
#include "common/string.h"

/* ---- the device's pages -------------------------------------------------------------------- */

/* The last page of a device may be there in part; its rest reads as zeroes and is never written. */
static int device_read_pages(struct page_cache *c, struct frame **pages, int n)
{
	struct block_device *d = c->host->private;
	struct page_io io = { .cache = c, .op = BIO_READ, .dev = d };

	page_io_begin(&io, pages, n);
	for (int i = 0; i < n; i++) {
		u64 sector = pages[i]->index << (PAGE_SHIFT - SECTOR_SHIFT);
		u64 left = sector < d->sectors ? d->sectors - sector : 0;
		unsigned len = MIN(left << SECTOR_SHIFT, PAGE_SIZE);

		if (len)
			page_io_piece(&io, pages[i], 0, len, sector);
		memset((u8 *)frame_to_virt(pages[i]) + len, 0, PAGE_SIZE - len);
	}
	page_io_end(&io, pages, n);
	return 0;
}

/*
 * Each run of dirty sectors is a piece. The mask is taken and cleared in one step: what is marked
 * from now on belongs to the next writing, for which the page has become dirty again.
 */
static void write_dirty_sectors(struct page_io *io, struct frame *p)
{
	u64 mask = atomic_fetch_and(page_private(p), ~DIRTY_SECTORS) & DIRTY_SECTORS;
	u64 sector = p->index << (PAGE_SHIFT - SECTOR_SHIFT);

	while (mask) {
		unsigned from = __builtin_ctzl(mask), n = __builtin_ctzl(~(mask >> from));

		page_io_piece(io, p, from << SECTOR_SHIFT, n << SECTOR_SHIFT, sector + from);
		mask &= ~(((1UL << n) - 1) << from);
	}
}

static void device_write_pages(struct page_cache *c, struct frame **pages, int n)
{
	struct page_io io = { .cache = c, .op = BIO_WRITE, .dev = c->host->private };

	page_io_begin(&io, pages, n);
	for (int i = 0; i < n; i++)
		write_dirty_sectors(&io, pages[i]);
	page_io_end(&io, pages, n);
}

/* Atomic: other blocks of the page are marked at the same time, and write-back takes the mask. */
static void mark_sectors(struct frame *p, unsigned from, unsigned to)
{
	u64 mask =
		((1UL << DIV_ROUND_UP(to, SECTOR_SIZE)) - 1) & ~((1UL << from / SECTOR_SIZE) - 1);

	if ((READ_ONCE(*page_private(p)) & mask) != mask)
		(void)atomic_fetch_or(page_private(p), mask);
}

/* The page is locked by the caller and in the cache, so it is found. */
static int device_reserve(struct page_cache *c, u64 index, unsigned from, unsigned to)
{
	struct frame *p = page_find(c, index);

	if (!p)
		return -EIO;
	mark_sectors(p, from, to);
	page_put(p);
	return 0;
}

const struct page_cache_ops device_cache_ops = {
	.read_pages = device_read_pages,
	.write_pages = device_write_pages,
	.reserve = device_reserve,
};

/* ---- metadata blocks ----------------------------------------------------------------------- */

static unsigned offset_in_page(const struct buffer *b)
{
	return b->block * b->size & (PAGE_SIZE - 1);
}

/* False if the block lies beyond the device: numbers come from disks that may lie. */
static bool place(struct block_device *d, u64 block, u32 size, struct buffer *b)
{
	*b = (struct buffer){ .size = size, .dev = d, .block = block };
	return block < (d->sectors << SECTOR_SHIFT) / size;
}

struct frame *page_read_uninterruptible(struct page_cache *c, u64 index, unsigned ahead)
{
	struct frame *p = page_read(c, index, ahead), *locked;

	while (IS_ERR(p) && PTR_ERR(p) == -ERESTARTSYS) {
		/* It is locked as long as it is being read: wait for that without listening. */
		locked = page_find(c, index);
		if (locked) {
			page_lock(locked);
			page_unlock(locked);
			page_put(locked);
		}
		p = page_read(c, index, ahead);
	}
	return p;
}

int buffer_read_ahead(struct block_device *d, u64 block, u32 size, unsigned ahead, struct buffer *b)
{
	struct frame *p;

	if (!place(d, block, size, b))
		return -EIO;
	p = page_read_uninterruptible(&d->inode->pages, block * size >> PAGE_SHIFT, ahead);
	if (IS_ERR(p))
		return PTR_ERR(p);
	b->page = p;
	b->data = (u8 *)frame_to_virt(p) + offset_in_page(b);
	return 0;
}

int buffer_read(struct block_device *d, u64 block, u32 size, struct buffer *b)
{
	return buffer_read_ahead(d, block, size, 0, b);
}

/*
 * A smaller block shares its page with others, so the page has to be read first; one that fills
 * the page need not. The page is locked while it is cleared, so that nobody reads it half.
 */
int buffer_zero(struct block_device *d, u64 block, u32 size, struct buffer *b)
{
	struct frame *p;
	int err;

	if (size < PAGE_SIZE) {
		err = buffer_read(d, block, size, b);
		if (err)
			return err;
	} else {
		if (!place(d, block, size, b))
			return -EIO;
		p = page_grab(&d->inode->pages, block * size >> PAGE_SHIFT);
		if (!p)
			return -ENOMEM;
		b->page = p;
		b->data = frame_to_virt(p);
		(void)atomic_fetch_or(&p->flags, PG_UPTODATE);
	}
	memset(b->data, 0, size);
	buffer_dirty(b);
	if (size >= PAGE_SIZE)
		page_unlock(b->page);
	return 0;
}

/* First the mask, then the flag: who finds the page dirty finds the sectors. */
void buffer_dirty(struct buffer *b)
{
	unsigned off = offset_in_page(b);

	mark_sectors(b->page, off, off + b->size);
	page_mark_dirty(&b->dev->inode->pages, b->page);
}

int buffer_sync(struct buffer *b)
{
	return page_cache_sync(&b->dev->inode->pages, b->page->index, b->page->index, true);
}

/* Of an empty buffer too (page NULL): error paths need not ask. */
void buffer_put(struct buffer *b)
{
	if (b->page)
		page_put(b->page);
	b->page = NULL;
	b->data = NULL;
}

void buffer_forget(struct block_device *d, u64 block, u32 size)
{
	struct buffer b;
	struct frame *p;
	unsigned from, to;

	if (!place(d, block, size, &b))
		return;
	p = page_find(&d->inode->pages, block * size >> PAGE_SHIFT);
	if (!p)
		return;
	from = offset_in_page(&b) / SECTOR_SIZE;
	to = from + size / SECTOR_SIZE;
	/* What nobody has begun to write is not written any more... */
	(void)atomic_fetch_and(page_private(p), ~(((1UL << (to - from)) - 1) << from));
	/*
	 * ... and what has been begun is waited for: the block's next owner may write past this
	 * cache, and the device is free to do that first and the old write afterwards.
	 */
	page_wait_writeback(p);
	page_put(p);
}
