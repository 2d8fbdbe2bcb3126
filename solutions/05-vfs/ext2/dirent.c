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

/* EXERCISE 5.5 BEGIN  blank-toplevel */
static struct ext2_dirent *entry_at(const void *block, unsigned offset)
{
	return (struct ext2_dirent *)((u8 *)block + offset);
}
/* EXERCISE 5.5 END */
bool ext2_dirent_check(const void *block, unsigned size, u32 max_ino)
{
	/* EXERCISE 5.5 BEGIN  blank: return false; */
	unsigned offset = 0;

	while (offset < size) {
		const struct ext2_dirent *e = entry_at(block, offset);

		/*
		 * The order matters: the first condition makes it safe to look at the entry's head,
		 * and rec_len is bounded before it is used as a step. A step of 0 would never end.
		 */
		if (size - offset < EXT2_DIRENT_HEAD || e->rec_len < EXT2_DIRENT_HEAD ||
		    e->rec_len & 3 || e->rec_len > size - offset ||
		    EXT2_REC_LEN(e->name_len) > e->rec_len || e->inode > max_ino)
			return false;
		offset += e->rec_len;
	}
	return true;
	/* EXERCISE 5.5 END */
}

struct ext2_dirent *ext2_dirent_find(void *block, unsigned size, const char *name, size_t len)
{
	/* EXERCISE 5.5 BEGIN  blank: return NULL; */
	struct ext2_dirent *e;

	for (unsigned offset = 0; offset < size; offset += e->rec_len) {
		e = entry_at(block, offset);
		/*
		 * Unused entries keep their old name; comparing the length first excludes
		 * prefixes.
		 */
		if (e->inode && e->name_len == len && memcmp(e->name, name, len) == 0)
			return e;
	}
	return NULL;
	/* EXERCISE 5.5 END */
}

/* A gap is an unused entry, or what an entry has beyond its own need; then it is split in two. */
int ext2_dirent_add(void *block, unsigned size, const char *name, size_t len, u32 ino, u8 type)
{
	/* EXERCISE 5.5 BEGIN  blank: return -ENOSPC; */
	struct ext2_dirent *e;
	u32 used, need = EXT2_REC_LEN(len);

	for (unsigned offset = 0; offset < size; offset += e->rec_len) {
		e = entry_at(block, offset);
		used = e->inode ? EXT2_REC_LEN(e->name_len) : 0;
		if (e->rec_len < used + need)
			continue;
		if (used) {
			/*
			 * The second half is whole before the first is shortened: at each moment
			 * the chain fills the block.
			 */
			struct ext2_dirent *second = entry_at(block, offset + used);

			second->rec_len = e->rec_len - used;
			e->rec_len = used;
			e = second;
		}
		e->name_len = len;
		e->file_type = type;
		memcpy(e->name, name, len);
		e->inode = ino;
		return 0;
	}
	return -ENOSPC;
	/* EXERCISE 5.5 END */
}

void ext2_dirent_remove(void *block, struct ext2_dirent *e)
{
	/* EXERCISE 5.5 BEGIN  blank: */
	struct ext2_dirent *before = NULL;

	for (struct ext2_dirent *p = block; p != e;
	     p = (struct ext2_dirent *)((u8 *)p + p->rec_len))
		before = p;
	/* Its number is cleared too: a reader who stands at it must not take it for a file. */
	if (before)
		before->rec_len += e->rec_len;
	e->inode = 0;
	/* EXERCISE 5.5 END */
}

void ext2_dirent_init(void *block, unsigned size)
{
	struct ext2_dirent *e = block;

	memset(block, 0, size);
	e->rec_len = size;
}
