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
	/* EXERCISE 5.6: your code here. */
	exercise_blank("5.6");
	return 0;
}
