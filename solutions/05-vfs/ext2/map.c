/*
 * From blocks of a file to blocks of the disk.
 *
 * The walk follows the path that ext2_block_path() computes: the inode's pointer, then one pointer
 * in each indirect block. A pointer 0 anywhere on the way means a hole: the file reads as zeroes
 * there. Readers take no lock; see ext2.h why.
 *
 * Every page of a file that is read or written comes through here, and runs are what makes that
 * cheap: with 4 KiB blocks one answer can cover 4 MiB, and a whole window of read-ahead becomes
 * one request. The indirect blocks stay in the device's cache, so that a walk seldom reads the
 * disk itself.
 *
 * Exercise 5.4
 * Goal:      find where a block lies, and how many of the blocks behind it lie right behind it on
 *            the disk, so that one request reads them all.
 * Invariant: *count is at least 1 and at most max; for a hole too (one or more blocks that are all
 *            holes). Every buffer that was read is put. A pointer read from the disk is used only
 *            if ext2_data_blocks() says that a file may own that block: a damaged disk must not
 *            make us read, or write, a bitmap.
 * Symptom:   "cat: Input/output error"; pages that never become free (buffers not put); a file
 *            whose second half is that of another file (run counted past the pointers' end).
 * Read:      ext2.h (EXT2_I, ext2_error), 05-vfs/block.h (struct buffer).
 */
#include "05-vfs/ext2/ext2.h"
#include "common/errno.h"
#include "common/exercise.h"

/* EXERCISE 5.4 BEGIN  blank-toplevel */
/* How many of the n pointers from p on continue the first one: consecutive places, or holes. */
static u32 run_length(const u32 *p, u32 n)
{
	u32 first = READ_ONCE(p[0]), i = 1;

	while (i < n && READ_ONCE(p[i]) == (first ? first + i : 0))
		i++;
	return i;
}

/*
 * The whole run is checked, not just its first block: its end could lie in the next group's
 * bitmap.
 */
static int result_of(struct ext2_fs *fs, struct inode *i, const u32 *p, u32 n, u64 *place,
		     u32 *count)
{
	*place = READ_ONCE(p[0]);
	*count = run_length(p, n);
	if (*place && !ext2_data_blocks(fs, *place, *count))
		return ext2_error(fs, "inode %llu: block %llu is not a data block",
				  (unsigned long long)i->ino, (unsigned long long)*place);
	return 0;
}
/* EXERCISE 5.4 END */

int ext2_map(struct inode *i, u64 block, u32 max, u64 *place, u32 *count)
{
	/* EXERCISE 5.4 BEGIN  blank: return -EIO; */
	struct ext2_fs *fs = EXT2_FS(i->super);
	u32 *pointers = EXT2_I(i)->data, offsets[4], limit;
	int depth = ext2_block_path(block, fs->pointer_bits, offsets), err;
	struct buffer b = { .page = NULL };

	if (!depth)
		return -EFBIG;
	for (int level = 0; level < depth - 1; level++) {
		/*
		 * Read once: between the check and the use, truncation or root's /dev/vda could
		 * change it.
		 */
		u32 next = READ_ONCE(pointers[offsets[level]]);

		/* What `pointers` points into may go now, whatever happens below. */
		buffer_put(&b);
		if (!next) {
			*place = 0;
			/*
			 * More may be missing below the same pointer; whoever asks will ask again.
			 */
			*count = 1;
			return 0;
		}
		if (!ext2_data_blocks(fs, next, 1))
			return ext2_error(fs, "inode %llu: indirect block %u is not a data block",
					  (unsigned long long)i->ino, next);
		err = buffer_read(fs->dev, next, fs->block_size, &b);
		if (err)
			return err;
		pointers = b.data;
	}
	limit = depth == 1 ? EXT2_DIRECT : 1u << fs->pointer_bits;
	err = result_of(fs, i, &pointers[offsets[depth - 1]], MIN(max, limit - offsets[depth - 1]),
			place, count);
	buffer_put(&b);
	return err;
	/* EXERCISE 5.4 END */
}
