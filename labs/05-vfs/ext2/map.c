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

int ext2_map(struct inode *i, u64 block, u32 max, u64 *place, u32 *count)
{
	/* EXERCISE 5.4: your code here. */
	exercise_blank("5.4");
	return -EIO;
}
