/*
 * Where the pointer to a block of a file is found.
 *
 * An inode has 15 pointers. The first 12 point to the file's first blocks; the next to a block full
 * of pointers (indirect), the next to a block of pointers to such blocks (double indirect), the
 * last goes one deeper (triple indirect). With 1 KiB blocks, 256 pointers in each:
 *
 *	block      0 ..     11	pointers 0 .. 11
 *	block     12 ..    267	pointer 12, then 0 .. 255
 *	block    268 ..  65803	pointer 13, then 0 .. 255, then 0 .. 255
 *	block  65804 ..	...	pointer 14, and so on
 *
 * Exercise 5.6
 * Goal:      compute the indices on the way from the inode to the block.
 * Invariant: offsets[0] < 15; all others are smaller than the number of pointers in a block.
 * Symptom:   files are fine up to 12 blocks and garbage behind; or two parts of a large file are
 *            the same block, which e2fsck reports as "multiply-claimed".
 * Read:      ext2_disk.h.
 */
#include "05-vfs/ext2/ext2_disk.h"
#include "common/exercise.h"

int ext2_block_path(u64 block, unsigned bits, u32 offsets[4])
{
	/* EXERCISE 5.6 BEGIN  blank: return 0; */
	/* Each level: is the block under it? If not, count off what is, and look at the next. */
	u64 mask = (1UL << bits) - 1;

	if (block < EXT2_DIRECT) {
		offsets[0] = block;
		return 1;
	}
	block -= EXT2_DIRECT;
	for (int level = 1; level <= 3; level++) {
		if (block >> bits * level) {
			block -= 1UL << bits * level;
			continue;
		}
		offsets[0] = EXT2_IND + level - 1;
		for (int i = 1; i <= level; i++)
			offsets[i] = block >> bits * (level - i) & mask;
		return level + 1;
	}
	return 0;
	/* EXERCISE 5.6 END */
}
