/*
 * Directory entries within one block.
 *
 * A directory block is a chain of entries, each as long as its rec_len says, that fills the block
 * exactly. Entries never cross blocks. An entry may be longer than its name needs; the rest of it
 * is room for another one. Removing an entry hands its bytes to the one before it; the first of a
 * block has none before it and stays, with inode number 0.
 *
 * So no entry ever moves, which is what getdents64(2) needs: a position in a directory is the
 * place of an entry, and must mean the same after others have been added and removed. The price is
 * room in pieces: a long name may not fit although the block has room enough in all.
 *
 * Exercise 5.5
 * Goal:      check a block that came from the disk; find, add and remove names in a checked one.
 * Invariant: the entries always fill the block exactly; every rec_len is a multiple of 4 and at
 *            least EXT2_REC_LEN(name_len). A reader who holds a position in the block can go on
 *            after a removal: no entry moves.
 * Symptom:   e2fsck says "directory corrupted" or "missing '.'"; `ls` loops for ever (rec_len 0 was
 *            not refused); files vanish when another one is deleted; a damaged image makes the
 *            kernel fault instead of giving -EIO.
 * Read:      ext2_disk.h; this file knows nothing of the kernel and is tested on the host as well.
 */
#include "05-vfs/ext2/ext2_disk.h"
#include "common/errno.h"
#include "common/exercise.h"
#include "common/string.h"

bool ext2_dirent_check(const void *block, unsigned size, u32 max_ino)
{
	/* EXERCISE 5.5: your code here. */
	exercise_blank("5.5");
	return false;
}

struct ext2_dirent *ext2_dirent_find(void *block, unsigned size, const char *name, size_t len)
{
	/* EXERCISE 5.5: your code here. */
	exercise_blank("5.5");
	return NULL;
}

/* A gap is an unused entry, or what an entry has beyond its own need; then it is split in two. */
int ext2_dirent_add(void *block, unsigned size, const char *name, size_t len, u32 ino, u8 type)
{
	/* EXERCISE 5.5: your code here. */
	exercise_blank("5.5");
	return -ENOSPC;
}

void ext2_dirent_remove(void *block, struct ext2_dirent *e)
{
	/* EXERCISE 5.5: your code here. */
	exercise_blank("5.5");
}

void ext2_dirent_init(void *block, unsigned size)
{
	struct ext2_dirent *e = block;

	memset(block, 0, size);
	e->rec_len = size;
}
