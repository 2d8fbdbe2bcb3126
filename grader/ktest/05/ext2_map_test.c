/*
 * Exercises 5.4 and 5.6: the block map, on the disk that the boot has (1 KiB blocks, see `boot`).
 */
#include "common/abi/mount.h"
#include "common/errno.h"
#include "common/ktest.h"
#include "common/string.h"
#include "05-vfs/block.h"
#include "05-vfs/ext2/ext2.h"
#include "05-vfs/vfs/fs.h"
#include "05-vfs/vfs/super.h"

#define BLOCK		1024u
#define SINGLE		(12UL)			/* the first block behind an indirect one */
#define DOUBLE		(12UL + 256)
#define TRIPLE		(12UL + 256 + 65536)

struct want {
	u64 block;
	unsigned bits;
	int depth;
	u32 offsets[4];
};

static void expect_paths(const struct want *want, int n)
{
	u32 offsets[4];

	for (; n--; want++) {
		int depth = ext2_block_path(want->block, want->bits, offsets);

		KTEST_MSG(depth == want->depth,
			  "block %lu, %u pointers per block: depth %d expected, got %d",
			  want->block, 1u << want->bits, want->depth, depth);
		for (int k = 0; k < depth; k++)
			KTEST_MSG(offsets[k] == want->offsets[k],
				  "block %lu, %u pointers per block: offset %d expected to be %u, "
				  "got %u",
				  want->block, 1u << want->bits, k, want->offsets[k], offsets[k]);
	}
}

KTEST(ext2_path, "5.6", 2, "the way to the first blocks: twelve direct pointers, then one indirect block, to its last pointer")
{
	static const struct want want[] = {
		{0, 8, 1, {0}},	     {11, 8, 1, {11}},	     {12, 8, 2, {12, 0}},
		{13, 8, 2, {12, 1}}, {267, 8, 2, {12, 255}}, {12 + 1023, 10, 2, {12, 1023}},
	};

	KTEST_CALL(expect_paths(want, ARRAY_SIZE(want)));
}

KTEST(ext2_path_levels, "5.6", 2, "the way through two and three levels of indirect blocks, at every border, and not beyond")
{
	static const struct want want[] = {
		{268, 8, 3, {13, 0, 0}},
		{268 + 256 * 3 + 7, 8, 3, {13, 3, 7}},
		{65803, 8, 3, {13, 255, 255}},
		{12 + 1024, 10, 3, {13, 0, 0}},
		{65804, 8, 4, {14, 0, 0, 0}},
		{65804 + 65536 * 9 + 256 * 8 + 7, 8, 4, {14, 9, 8, 7}},
		{65804 + 16777215UL, 8, 4, {14, 255, 255, 255}},
		{65804 + 16777216UL, 8, 0, {0}},
		{12 + 1024 + 1048576, 10, 4, {14, 0, 0, 0}},
	};

	KTEST_CALL(expect_paths(want, ARRAY_SIZE(want)));
}

static struct super *fs_super;
static struct inode *file;

/* Mount the disk and make an unnamed file. */
static void begin(void)
{
	struct block_device *d = block_find_name("vda");
	struct inode *root;

	KTEST_MSG(d, "these tests need the disk that the grader gives them");
	fs_super = super_mount_device(fs_type_find("ext2"), d, "/dev/vda", 0, NULL);
	KTEST_ASSERT(!IS_ERR(fs_super));
	root = fs_super->root;
	down_write(&root->lock);
	file = root->ops->tmpfile(root, S_IFREG | 0600);
	up_write(&root->lock);
	KTEST_ASSERT(!IS_ERR(file));
}

static void end(void)
{
	inode_put(file);
	super_put(fs_super);
}

/* Write one block full of `value`. */
static int write_block(u64 block, int value)
{
	u64 at = block * BLOCK;
	unsigned from = at & (PAGE_SIZE - 1);
	struct frame *p;

	down_write(&file->lock);
	p = page_write_begin(&file->pages, at >> PAGE_SHIFT, from, from + BLOCK);
	if (!IS_ERR(p)) {
		memset((u8 *)frame_to_virt(p) + from, value, BLOCK);
		page_write_end(&file->pages, p, from, from + BLOCK, BLOCK);
	}
	up_write(&file->lock);
	return IS_ERR(p) ? PTR_ERR(p) : 0;
}

/* The first byte of a block, read from the disk; or errno. */
static int read_block(u64 block)
{
	u64 at = block * BLOCK;
	struct frame *p;
	int value;

	page_cache_sync(&file->pages, 0, ~0UL, true);
	page_cache_drop_range(&file->pages, 0, ~0UL, true);
	p = page_read(&file->pages, at >> PAGE_SHIFT, 0);
	if (IS_ERR(p))
		return PTR_ERR(p);
	value = ((u8 *)frame_to_virt(p))[at & (PAGE_SIZE - 1)];
	page_put(p);
	return value;
}

static void check_levels(void)
{
	static const u64 blocks[] = { 5, SINGLE + 3, DOUBLE + 256 * 2 + 9, TRIPLE + 70000 };
	u64 place, others[ARRAY_SIZE(blocks)];
	u32 count;

	for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++)
		KTEST_EQ(write_block(blocks[i], 0x51 + i), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++) {
		KTEST_EQ(ext2_map(file, blocks[i], 1, &place, &count), 0);
		KTEST_ASSERT(place != 0);
		KTEST_EQ(count, 1);
		others[i] = place;
		for (unsigned k = 0; k < i; k++)
			KTEST_ASSERT(others[k] != place);
		KTEST_EQ(ext2_map(file, blocks[i] + 1, 1, &place, &count), 0);
		KTEST_MSG(place == 0, "block %llu is a hole", (unsigned long long)blocks[i] + 1);
		KTEST_EQ(count, 1);
		KTEST_EQ(read_block(blocks[i]), 0x51 + (int)i);
	}
	KTEST_EQ(read_block(6), 0);
	KTEST_EQ(ext2_map(file, TRIPLE + 256UL * 256 * 256, 1, &place, &count), -EFBIG);
}

KTEST(ext2_map_levels, "5.4", 5,
      "blocks behind single, double and triple indirect blocks are found, and holes")
{
	KTEST_CALL(begin());
	check_levels();
	end();
}

static void check_runs(void)
{
	u64 first, place;
	u32 count;

	for (u64 n = 0; n < 60; n++)
		KTEST_EQ(write_block(n, n + 1), 0);
	KTEST_EQ(ext2_map(file, 0, 100, &first, &count), 0);
	KTEST_EQ(count, 12);
	KTEST_EQ(ext2_map(file, 4, 3, &place, &count), 0);
	KTEST_EQ(count, 3);
	KTEST_EQ(place, first + 4);
	KTEST_EQ(ext2_map(file, SINGLE, 1000, &place, &count), 0);
	KTEST_EQ(count, 48);
	KTEST_EQ(write_block(1000, 1), 0);
	KTEST_EQ(ext2_map(file, 990, 100, &place, &count), 0);
	KTEST_MSG(place == 0 && count == 10,
		  "10 holes before block 1000: a hole expected, and 10 of them; got block %lu, %u",
		  place, count);
	for (u64 n = 0; n < 60; n += 7)
		KTEST_EQ(read_block(n), (int)n + 1);
}

KTEST(ext2_map_runs, "5.4", 3,
      "consecutive blocks, or holes, come in one answer, within the array of pointers and the "
      "limit")
{
	KTEST_CALL(begin());
	check_runs();
	end();
}

static int indirect_refs(void)
{
	struct ext2_fs *fs = EXT2_FS(fs_super);
	struct buffer b;
	int refs = -1;

	if (!buffer_read(fs->dev, EXT2_I(file)->data[EXT2_IND], fs->block_size, &b)) {
		refs = ref_read(&b.page->refs);
		buffer_put(&b);
	}
	return refs;
}

static void check_references(void)
{
	u64 place;
	u32 count;
	int refs;

	KTEST_EQ(write_block(SINGLE, 1), 0);
	refs = indirect_refs();
	for (int i = 0; i < 20; i++)
		KTEST_EQ(ext2_map(file, SINGLE + i, 1, &place, &count), 0);
	KTEST_MSG(indirect_refs() < refs + 20,
		  "the indirect block had %d references; 20 calls later it has %d", refs,
		  indirect_refs());
}

KTEST(ext2_map_references, "5.4", 1, "the indirect blocks that were read are let go")
{
	KTEST_CALL(begin());
	check_references();
	end();
}

static void check_damaged(void)
{
	struct ext2_fs *fs = EXT2_FS(fs_super);
	u32 *data = EXT2_I(file)->data, count, direct, indirect;
	int bad_direct, bad_indirect;
	u64 place;

	KTEST_EQ(write_block(3, 1), 0);
	KTEST_EQ(write_block(SINGLE, 1), 0);
	KTEST_EQ(ext2_map(file, 3, 1, &place, &count), 0);
	KTEST_ASSERT(place != 0);
	fs->super->flags |= MS_RDONLY;		/* so that the error leaves no mark on the disk */
	direct = data[3];
	data[3] = ext2_group(fs, 0)->block_bitmap;
	bad_direct = ext2_map(file, 3, 1, &place, &count);
	data[3] = direct;
	indirect = data[EXT2_IND];
	data[EXT2_IND] = fs->blocks_count + 5;
	bad_indirect = ext2_map(file, SINGLE, 1, &place, &count);
	data[EXT2_IND] = indirect;
	fs->super->flags &= ~MS_RDONLY;
	KTEST_EQ(bad_direct, -EUCLEAN);
	KTEST_EQ(bad_indirect, -EUCLEAN);
	KTEST_EQ(ext2_map(file, SINGLE, 1, &place, &count), 0);
	KTEST_ASSERT(place != 0);
}

KTEST(ext2_map_damaged, "5.4", 3, "a pointer into the file system's own blocks is refused")
{
	KTEST_CALL(begin());
	check_damaged();
	end();
}
