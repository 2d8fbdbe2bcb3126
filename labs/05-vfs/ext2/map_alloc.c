/*
 * Giving blocks to a file: the walk of map.c with missing pointers filled in.
 *
 * An indirect block is cleared before the pointer to it appears, since readers walk without a
 * lock. The contents of data blocks are the page cache's business: who reserves a block writes the
 * page. Until then the block holds what its former owner left there, and only the page, which is
 * locked or up to date, keeps readers from it.
 *
 * Blocks are given when a page is dirtied, not when it is written back: so write(2) is told
 * ENOSPC, and write-back, which frees memory, needs neither blocks nor much memory itself. (ext4
 * delays allocation until write-back, gets longer runs, and has to keep count of promises.)
 */
#include "05-vfs/ext2/ext2.h"
#include "common/errno.h"

/*
 * A good place for block `block` of i, whose pointer would be p[0] in an array that starts at
 * `array`: behind what was allocated last, if the file is written from front to back; else as far
 * behind the nearest block before it as it is in the file; else behind its indirect block, or at
 * the start of the inode's group.
 */
static u32 find_goal(struct ext2_fs *fs, struct ext2_inode *ei, u64 block, const u32 *array,
		     const u32 *p, u32 indirect)
{
	u32 group = (ei->vfs.ino - 1) / fs->inodes_per_group;

	if (ei->last_place && block == ei->last_block + 1)
		return ei->last_place + 1;
	for (const u32 *q = p; q-- > array;)
		if (*q)
			return *q + (p - q);
	return indirect ? indirect + 1 : ext2_group_start(fs, group);
}

/* i_blocks counts in sectors, indirect blocks too; fs->lock held. */
static void count_blocks(struct ext2_fs *fs, struct inode *i, u32 n)
{
	i->blocks += (u64)n << (fs->block_bits - SECTOR_SHIFT);
}

/*
 * One indirect block, empty. It counts as the last place, so that the data it points to follows it
 * and both are read in one sweep.
 */
static int add_indirect(struct ext2_fs *fs, struct ext2_inode *ei, u32 goal, u32 *place)
{
	struct buffer b;
	u32 count;
	int err = ext2_alloc_blocks(fs, ei, goal, 1, place, &count);

	if (err)
		return err;
	err = buffer_zero(fs->dev, *place, fs->block_size, &b);
	if (err) {
		ext2_free_blocks(fs, *place, 1);
		return err;
	}
	buffer_put(&b);
	count_blocks(fs, &ei->vfs, 1);
	ei->last_place = *place;
	return 0;
}

/*
 * Fill the pointers p[0 .. n - 1] that are 0, up to the first that is not; *done: how many are set
 * now. A run that is there already is only counted. Readers may see the pointers one by one; each
 * leads to a block that is ours already.
 */
static int fill_pointers(struct ext2_fs *fs, struct ext2_inode *ei, u64 block, u32 *p, u32 n,
			 u32 goal, u32 *done)
{
	u32 place, count, want = 0;
	int err;

	while (want < n && p[want])
		want++;
	if (want) {
		*done = want;
		return 0;
	}
	while (want < n && !p[want])
		want++;
	err = ext2_alloc_blocks(fs, ei, goal, want, &place, &count);
	if (err)
		return err;
	for (u32 k = 0; k < count; k++)
		WRITE_ONCE(p[k], place + k);
	count_blocks(fs, &ei->vfs, count);
	ei->last_block = block + count - 1;
	ei->last_place = place + count - 1;
	*done = count;
	return 0;
}

/*
 * The blocks of [block, block + n) that one array of pointers holds; *done: how many there are now.
 * fs->lock held. On an error in the middle, indirect blocks that were added stay: they hang in the
 * tree and are counted, and go with the file, or when trim() cuts it.
 */
static int alloc_some(struct ext2_fs *fs, struct ext2_inode *ei, u64 block, u32 n, u32 *done)
{
	struct buffer b = { .page = NULL };
	u32 *array = ei->data, offsets[4], indirect = 0, room, goal;
	int depth = ext2_block_path(block, fs->pointer_bits, offsets), err = 0;

	if (!depth)
		return -EFBIG;
	for (int level = 0; level < depth - 1 && !err; level++) {
		u32 *p = &array[offsets[level]], place = *p;

		if (!place) {
			goal = find_goal(fs, ei, block, array, p, indirect);
			err = add_indirect(fs, ei, goal, &place);
			if (err)
				break;
			WRITE_ONCE(*p, place);
			if (b.page)
				buffer_dirty(&b);
			ei->last_block = block - 1;	/* the data goes right behind it */
			ei->indirect_dirty = true;
		} else if (!ext2_data_blocks(fs, place, 1)) {
			err = ext2_error(fs, "inode %llu: indirect block %u is not a data block",
					 (unsigned long long)ei->vfs.ino, place);
			break;
		}
		buffer_put(&b);
		err = buffer_read(fs->dev, place, fs->block_size, &b);
		array = b.data;
		indirect = place;
	}
	if (!err) {
		u32 *p = &array[offsets[depth - 1]];

		room = (depth == 1 ? EXT2_DIRECT : 1u << fs->pointer_bits) - offsets[depth - 1];
		goal = find_goal(fs, ei, block, array, p, indirect);
		err = fill_pointers(fs, ei, block, p, MIN(n, room), goal, done);
		if (!err && b.page) {
			buffer_dirty(&b);
			ei->indirect_dirty = true;
		}
	}
	buffer_put(&b);
	return err;
}

/* Marked dirty also after an error: some blocks may have been added. */
int ext2_map_alloc(struct inode *i, u64 block, u32 count)
{
	struct ext2_fs *fs = EXT2_FS(i->super);
	u32 n;
	int err;

	/* Mostly everything is there already: no lock then. */
	while (count) {
		u64 place;

		err = ext2_map(i, block, count, &place, &n);
		if (err)
			return err;
		if (!place)
			break;
		block += n;
		count -= n;
	}
	if (!count)
		return 0;
	mutex_lock(&fs->lock);
	for (err = 0; count && !err; count -= n, block += n) {
		n = 0;
		err = alloc_some(fs, EXT2_I(i), block, count, &n);
	}
	mutex_unlock(&fs->lock);
	inode_mark_dirty(i);
	return err;
}
