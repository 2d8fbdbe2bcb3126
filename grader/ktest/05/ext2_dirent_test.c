/*
 * Exercise 5.5: directory blocks made by hand.
 */
#include "common/ktest.h"
#include "common/errno.h"
#include "common/string.h"
#include "05-vfs/ext2/ext2_disk.h"

#define SIZE	1024u
#define MAX_INO	100

static u8 block[SIZE] __aligned(8);

/* Put an entry at `at` and return where the next one comes. */
static unsigned put(unsigned at, u32 ino, const char *name, u16 rec_len)
{
	struct ext2_dirent *e = (struct ext2_dirent *)(block + at);

	e->inode = ino;
	e->rec_len = rec_len;
	e->name_len = strlen(name);
	e->file_type = 1;
	memcpy(e->name, name, strlen(name));
	return at + rec_len;
}

static struct ext2_dirent *entry(unsigned at)
{
	return (struct ext2_dirent *)(block + at);
}

/* ".", "..", "hello" and an unused rest. */
static void make_block(void)
{
	unsigned at = 0;

	memset(block, 0, SIZE);
	at = put(at, 2, ".", 12);
	at = put(at, 2, "..", 12);
	at = put(at, 12, "hello", 16);
	put(at, 0, "", SIZE - at);
}

KTEST(dirent_check, "5.5", 5, "a sound block passes the check, damaged ones do not")
{
	make_block();
	KTEST_ASSERT(ext2_dirent_check(block, SIZE, MAX_INO));
	entry(24)->rec_len = 0;
	KTEST_MSG(!ext2_dirent_check(block, SIZE, MAX_INO), "rec_len 0 should be refused");
	entry(24)->rec_len = 15;
	KTEST_MSG(!ext2_dirent_check(block, SIZE, MAX_INO), "rec_len 15 should be refused");
	entry(24)->rec_len = SIZE - 24 + 4;
	KTEST_MSG(!ext2_dirent_check(block, SIZE, MAX_INO),
		  "an entry that leaves the block should be refused");
	put(24, 12, "hello", 12);
	put(36, 0, "", SIZE - 36);
	KTEST_MSG(!ext2_dirent_check(block, SIZE, MAX_INO),
		  "rec_len 12 is too short for \"hello\"");
	make_block();
	entry(24)->inode = MAX_INO + 1;
	KTEST_MSG(!ext2_dirent_check(block, SIZE, MAX_INO),
		  "an inode number that does not exist should be refused");
	make_block();
	entry(40)->rec_len = SIZE - 40 - 4;
	KTEST_MSG(!ext2_dirent_check(block, SIZE, MAX_INO),
		  "an end that leaves 4 bytes should be refused");
	ext2_dirent_init(block, SIZE);
	KTEST_ASSERT(ext2_dirent_check(block, SIZE, MAX_INO));
}

KTEST(dirent_find, "5.5", 3, "a name is found by all of its letters, and only in an entry in use")
{
	make_block();
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "hello", 5) == entry(24));
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "..", 2) == entry(12));
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "hell", 4) == NULL);
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "hellooo", 7) == NULL);
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "hellp", 5) == NULL);
	entry(24)->inode = 0;
	KTEST_MSG(ext2_dirent_find(block, SIZE, "hello", 5) == NULL,
		  "an entry with inode number 0 is unused");
}

KTEST(dirent_add, "5.5", 3,
      "a new entry takes an unused one or the room behind another, and the block stays full")
{
	struct ext2_dirent *e;
	char name[8] = "file00";
	int n = 0;

	make_block();
	KTEST_EQ(ext2_dirent_add(block, SIZE, "first", 5, 20, 2), 0);
	KTEST_ASSERT(ext2_dirent_check(block, SIZE, MAX_INO));
	e = ext2_dirent_find(block, SIZE, "first", 5);
	KTEST_ASSERT(e == entry(40));		/* the unused one */
	KTEST_EQ(e->inode, 20);
	KTEST_EQ(e->file_type, 2);
	KTEST_EQ(e->rec_len, SIZE - 40);
	KTEST_EQ(ext2_dirent_add(block, SIZE, "second", 6, 21, 1), 0);
	KTEST_EQ(entry(40)->rec_len, 16);		/* split */
	KTEST_EQ(entry(56)->rec_len, SIZE - 56);
	/* 16 bytes each: as many as fit, then no more. */
	while (ext2_dirent_add(block, SIZE, name, 6, 30, 1) == 0) {
		KTEST_ASSERT(ext2_dirent_check(block, SIZE, MAX_INO));
		n++;
		name[4] = '0' + n / 10;
		name[5] = '0' + n % 10;
	}
	KTEST_EQ(n, (SIZE - 72) / 16);
	KTEST_EQ(ext2_dirent_add(block, SIZE, name, 6, 30, 1), -ENOSPC);
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "file00", 6));
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "hello", 5));
}

KTEST(dirent_remove, "5.5", 3, "a removed entry goes to the one before it; the first stays, unused")
{
	struct ext2_dirent *e;

	make_block();
	KTEST_EQ(ext2_dirent_add(block, SIZE, "next", 4, 13, 1), 0);
	e = ext2_dirent_find(block, SIZE, "hello", 5);
	KTEST_ASSERT(e);
	ext2_dirent_remove(block, e);
	KTEST_ASSERT(ext2_dirent_check(block, SIZE, MAX_INO));
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "hello", 5) == NULL);
	KTEST_EQ(entry(12)->rec_len, 28);
	KTEST_MSG(ext2_dirent_find(block, SIZE, "next", 4) == entry(40),
		  "the entry behind should not move");
	ext2_dirent_remove(block, entry(0));
	KTEST_EQ(entry(0)->inode, 0);
	KTEST_EQ(entry(0)->rec_len, 12);
	KTEST_ASSERT(ext2_dirent_check(block, SIZE, MAX_INO));
	/* The room is used again. */
	KTEST_EQ(ext2_dirent_add(block, SIZE, "x", 1, 14, 1), 0);
	KTEST_ASSERT(ext2_dirent_find(block, SIZE, "x", 1) == entry(0));
}
