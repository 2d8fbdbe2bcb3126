/*
 * Freeing the blocks behind a certain one.
 *
 * Pointers are cleared in their block before what they point to is freed, so that a damaged disk on
 * which blocks point to each other in circles costs an error and no endless loop. Consecutive
 * blocks are freed together.
 *
 * The pages of the part that is cut off have left the file's cache before, and their write-back
 * has ended (page_cache_truncate()): otherwise a late write could land in a block that belongs to
 * another file by then. For blocks of metadata buffer_forget() does the same.
 */
#include "05-vfs/ext2/ext2.h"
#include "common/errno.h"

/* Blocks to be freed, as long as they are consecutive. */
struct freeing {
	struct ext2_fs *fs;
	struct inode *inode;
	u32 place, count;
};

/* i->blocks comes from the disk: a count that is too small must not wrap around. */
static void free_flush(struct freeing *f)
{
	u64 sectors = (u64)f->count << (f->fs->block_bits - SECTOR_SHIFT);

	if (!f->count)
		return;
	ext2_free_blocks(f->fs, f->place, f->count);
	f->inode->blocks -= MIN(sectors, f->inode->blocks);
	f->count = 0;
}

/* Files mostly lie in long runs, and each run costs one reading of the bitmap. */
static void free_one(struct freeing *f, u32 place)
{
	if (f->count && place == f->place + f->count) {
		f->count++;
		return;
	}
	free_flush(f);
	f->place = place;
	f->count = 1;
}

/* Clear the data pointers p[0 .. n - 1] and free what they pointed to. */
static void free_pointers(struct freeing *f, u32 *p, u32 n)
{
	for (u32 k = 0; k < n; k++) {
		u32 place = p[k];

		if (!place)
			continue;
		WRITE_ONCE(p[k], 0);
		free_one(f, place);
	}
}

/*
 * Free the blocks from number `from` on (of those under this indirect block) and the pointers to
 * them; the indirect block *p itself if nothing is left, that is if from is 0. level 1: *p points
 * to a block of data pointers. Recursion goes three deep, whatever the disk says.
 *
 * If the block cannot be read, what it points to stays allocated: lost space, which e2fsck finds.
 * A block that goes is not marked dirty: its cleared pointers matter to nobody.
 */
static void free_tree(struct freeing *f, u32 *p, int level, u64 from)
{
	struct ext2_fs *fs = f->fs;
	unsigned shift = fs->pointer_bits * (level - 1);
	u32 place = *p, per_block = 1u << fs->pointer_bits, k = from >> shift, *pointers;
	struct buffer b;

	if (!place)
		return;
	if (!from)
		WRITE_ONCE(*p, 0);
	if (!ext2_data_blocks(fs, place, 1)) {
		ext2_error(fs, "inode %llu: indirect block %u is not a data block",
			   (unsigned long long)f->inode->ino, place);
		return;
	}
	if (buffer_read(fs->dev, place, fs->block_size, &b))
		return;
	pointers = b.data;
	if (level == 1) {
		free_pointers(f, pointers + k, per_block - k);
	} else {
		u64 within = from - ((u64)k << shift);

		for (; k < per_block; k++, within = 0)
			free_tree(f, &pointers[k], level - 1, within);
	}
	if (from)
		buffer_dirty(&b);
	buffer_put(&b);
	if (!from) {
		buffer_forget(fs->dev, place, fs->block_size);
		free_one(f, place);
	}
}

/* A partial block at the end stays; the page cache has cleared what is behind the new end. */
void ext2_free_tail(struct inode *i, u64 size)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	struct ext2_inode *ei = EXT2_I(i);
	struct freeing f = { .fs = fs, .inode = i };
	u64 first = (size + fs->block_size - 1) >> fs->block_bits, base = EXT2_DIRECT;

	mutex_lock(&fs->lock);
	ext2_window_drop(fs, ei);
	ei->last_place = 0;
	if (first < EXT2_DIRECT)
		free_pointers(&f, ei->data + first, EXT2_DIRECT - first);
	for (int level = 1; level <= 3; level++) {
		u64 span = 1UL << fs->pointer_bits * level;

		if (first < base + span)
			free_tree(&f, &ei->data[EXT2_IND + level - 1], level,
				  first > base ? first - base : 0);
		base += span;
	}
	free_flush(&f);
	ei->indirect_dirty = true;
	mutex_unlock(&fs->lock);
	inode_mark_dirty(i);
}
