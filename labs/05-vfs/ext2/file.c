/*
 * Contents of files: between the page cache and the block map, truncation, and fsync.
 *
 * Reading and writing themselves are the VFS's generic functions (file/generic.c); they ask us, by
 * way of page_cache_ops, to read and write pages and to reserve their blocks.
 */
#include "05-vfs/ext2/ext2.h"
#include "common/abi/mount.h"
#include "common/errno.h"

/* ---- the page cache's operations ----------------------------------------------------------- */

static int map_block(struct page_cache *c, u64 block, u32 max, u64 *result, u32 *count)
{
	return ext2_map(c->host, block, max, result, count);
}

static struct block_map map_of(struct page_cache *c)
{
	struct ext2_fs *fs = EXT2_FS(c->host->super);

	return (struct block_map){ fs->dev, fs->block_bits, map_block };
}

static int ext2_read_pages(struct page_cache *c, struct frame **pages, int n)
{
	struct block_map m = map_of(c);

	block_read_pages(c, pages, n, &m);
	return 0;
}

static void ext2_write_pages(struct page_cache *c, struct frame **pages, int n)
{
	struct block_map m = map_of(c);

	block_write_pages(c, pages, n, &m);
}

/*
 * Allocates what is missing under [from, to) of the page, whose lock is held; inode->lock too if
 * it is write(2) that asks, but not for a fault in a shared mapping. max_size also bounds what
 * i_blocks can count.
 */
static int ext2_reserve(struct page_cache *c, u64 index, unsigned from, unsigned to)
{
	unsigned bits = EXT2_FS(c->host->super)->block_bits;
	u64 start = index << PAGE_SHIFT, first = (start + from) >> bits,
	    last = (start + to - 1) >> bits;

	if (start + to > (u64)c->host->super->max_size)
		return -EFBIG;
	return ext2_map_alloc(c->host, first, last - first + 1);
}

static bool ext2_has_hole(struct page_cache *c, u64 index)
{
	unsigned bits = EXT2_FS(c->host->super)->block_bits;
	u64 first = index << (PAGE_SHIFT - bits), end = first + (PAGE_SIZE >> bits), place;
	u64 size = READ_ONCE(c->host->size);
	u32 count;

	end = MIN(end, (size + (1UL << bits) - 1) >> bits);
	for (; first < end; first += MAX(count, 1u))
		if (ext2_map(c->host, first, end - first, &place, &count) || !place)
			return true;
	return false;
}

/* A write failed half-way: blocks behind the end of the file would belong to it for nothing. */
static void ext2_trim(struct page_cache *c)
{
	ext2_free_tail(c->host, c->host->size);
}

const struct page_cache_ops ext2_cache_ops = {
	.read_pages = ext2_read_pages,
	.write_pages = ext2_write_pages,
	.reserve = ext2_reserve,
	.has_hole = ext2_has_hole,
	.trim = ext2_trim,
};

/* Directories are changed by dir.c alone. */
const struct page_cache_ops ext2_dir_cache_ops = {
	.read_pages = ext2_read_pages,
	.write_pages = ext2_write_pages,
};

/* ---- attributes ---------------------------------------------------------------------------- */

/*
 * truncate(2), inode->lock held for writing. The order: first the new size, so that no reader and
 * no fault brings in further pages; then pages and mappings; then the blocks, to which no write is
 * under way any more.
 */
static int set_size(struct inode *i, loff_t size)
{
	loff_t old = i->size;

	if (size > i->super->max_size)
		return -EFBIG;
	WRITE_ONCE(i->size, size);
	if (size < old) {
		page_cache_truncate(&i->pages, size);
		ext2_free_tail(i, size);
	}
	return 0;
}

int ext2_setattr(struct inode *i, const struct attr_change *a)
{
	int err;

	if (a->valid & ATTR_SIZE) {
		if (!S_ISREG(i->mode))
			return S_ISDIR(i->mode) ? -EISDIR : -EINVAL;
		err = set_size(i, a->size);
		if (err)
			return err;
	}
	return inode_setattr(i, a);
}

/* ---- fsync --------------------------------------------------------------------------------- */

static int sync_block(struct ext2_fs *fs, u32 place, bool wait)
{
	u64 page = (u64)place << fs->block_bits >> PAGE_SHIFT;

	return page_cache_sync(&fs->dev->inode->pages, page, page, wait);
}

/*
 * The indirect block at `place` and those below it. Pointers are read without fs->lock, as in
 * map.c; a block that is allocated meanwhile belongs to a later write than the one this fsync is
 * about.
 */
static int sync_indirect(struct ext2_fs *fs, u32 place, int level, bool wait)
{
	struct buffer b;
	int err, e;

	if (!place || !ext2_data_blocks(fs, place, 1))
		return 0;
	err = sync_block(fs, place, wait);
	if (level == 1)
		return err;
	e = buffer_read(fs->dev, place, fs->block_size, &b);
	if (e)
		return err ? err : e;
	for (u32 k = 0; k < 1u << fs->pointer_bits; k++) {
		e = sync_indirect(fs, READ_ONCE(((u32 *)b.data)[k]), level - 1, wait);
		err = err ? err : e;
	}
	buffer_put(&b);
	return err;
}

static int sync_pointers(struct ext2_fs *fs, struct ext2_inode *ei, bool wait)
{
	int err = 0;

	for (int level = 1; level <= 3; level++) {
		int e = sync_indirect(fs, READ_ONCE(ei->data[EXT2_IND + level - 1]), level, wait);

		err = err ? err : e;
	}
	return err;
}

/*
 * The block of the inode table, if it is dirty: another inode's fsync may have written it already,
 * or may be doing so.
 */
static int sync_own_block(struct ext2_fs *fs, struct inode *i, bool wait)
{
	struct ext2_disk_inode *raw;
	struct buffer b;
	int err = ext2_inode_buffer(fs, i->ino, &b, &raw);

	if (err)
		return err;
	err = sync_block(fs, b.block, wait);
	buffer_put(&b);
	return err;
}

/*
 * Only what belongs to this file: its pages, its indirect blocks, its inode; all started first,
 * then waited for; one flush of the disk's cache at the end (without it the device may answer
 * before anything is on the medium). fdatasync(2) is no different: the size, and the pointers that
 * reach the data, would have to be written for it too. Bitmaps are left to the flusher, see
 * ext2.h.
 *
 * The flag for indirect blocks is cleared before they are looked at: who changes one meanwhile
 * sets it again, and the next fsync looks once more.
 */
static int ext2_fsync(struct file *f, bool data_only)
{
	struct inode *i = f->inode;
	struct ext2_fs *fs = EXT2_FS(i->super);
	bool pointers = READ_ONCE(EXT2_I(i)->indirect_dirty);
	int err, e;

	if (i->super->flags & MS_RDONLY)
		return 0;
	WRITE_ONCE(EXT2_I(i)->indirect_dirty, false);
	err = inode_sync(i, false);
	for (int wait = 0; wait <= 1; wait++) {
		e = sync_own_block(fs, i, wait);
		err = err ? err : e;
		if (pointers) {
			e = sync_pointers(fs, EXT2_I(i), wait);
			err = err ? err : e;
		}
		if (wait) {
			e = page_cache_sync(&i->pages, 0, ~0UL, true);
			err = err ? err : e;
		}
	}
	e = block_flush(fs->dev);
	return err ? err : e;
}

/* Who closes a file that he wrote will hardly go on writing it. */
static void ext2_release(struct file *f)
{
	struct ext2_fs *fs = EXT2_FS(f->inode->super);

	if (!FILE_WRITABLE(f) || !S_ISREG(f->inode->mode))
		return;
	mutex_lock(&fs->lock);
	ext2_window_drop(fs, EXT2_I(f->inode));
	mutex_unlock(&fs->lock);
}

const struct file_ops ext2_file_ops = {
	.read = generic_file_read,
	.write = generic_file_write,
	.lseek = generic_file_lseek,
	.ioctl = generic_file_ioctl,
	.object = generic_file_object,
	.fsync = ext2_fsync,
	.release = ext2_release,
};
