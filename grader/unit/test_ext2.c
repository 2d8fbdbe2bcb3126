/*
 * Lab 05's pure code: directory blocks, the way to a file's block, bitmaps, partition tables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

static int host_name(char *buf, int i, int len)
{
	return snprintf(buf, 260, "%0*d", len, i);
}

#include "kernel_names.h"
#include "common/string.h"
#include "05-vfs/block/partitions.h"
#include "05-vfs/ext2/ext2_disk.h"

#define SIZE	1024u

static u8 block[SIZE] __aligned(8);

/* ---- directories ---- */

START_TEST(dirent_random)
{
	bool in[100] = { false };
	char name[300];

	ext2_dirent_init(block, SIZE);
	srand((unsigned)_i + 1);
	for (int i = 0; i < 5000; i++) {
		int k = rand() % 100, len = host_name(name, k, 1 + k * 7 % 60);
		struct ext2_dirent *e = ext2_dirent_find(block, SIZE, name, (size_t)len);

		ck_assert(ext2_dirent_check(block, SIZE, 200));
		ck_assert_int_eq(e != NULL, in[k]);
		if (e) {
			ck_assert_uint_eq(e->inode, (u32)k + 1);
			ext2_dirent_remove(block, e);
			in[k] = false;
		} else if (ext2_dirent_add(block, SIZE, name, (size_t)len, (u32)k + 1, 1) == 0) {
			in[k] = true;
		}
	}
	for (int k = 0; k < 100; k++) {
		int len = host_name(name, k, 1 + k * 7 % 60);
		struct ext2_dirent *e = ext2_dirent_find(block, SIZE, name, (size_t)len);

		ck_assert_int_eq(e != NULL, in[k]);
		if (e)
			ext2_dirent_remove(block, e);
	}
	/* Empty again: the longest name fits. */
	memset(name, 'x', 255);
	ck_assert_int_eq(ext2_dirent_add(block, SIZE, name, 255, 3, 1), 0);
}
END_TEST

START_TEST(dirent_full)
{
	char name[300];
	int n = 0;

	ext2_dirent_init(block, SIZE);
	while (ext2_dirent_add(block, SIZE, name, (size_t)host_name(name, n, 4), 5, 1) == 0)
		n++;
	ck_assert_int_eq(n, (int)(SIZE / 12));
	ck_assert(ext2_dirent_check(block, SIZE, 5));
	ck_assert(!ext2_dirent_check(block, SIZE, 4));
}
END_TEST

START_TEST(dirent_damage)
{
	char name[300];

	srand((unsigned)_i + 1);
	for (int i = 0; i < 4000; i++) {
		/* Memory of its own: a read beyond the block is noticed. */
		u8 *copy = malloc(SIZE);

		ext2_dirent_init(copy, SIZE);
		for (int k = 0; k < 12; k++)
			ext2_dirent_add(copy, SIZE, name, (size_t)host_name(name, k, 1 + k * 5), 9,
					1);
		for (int k = rand() % 4; k >= 0; k--)
			copy[rand() % (int)SIZE] = (u8)rand();
		if (ext2_dirent_check(copy, SIZE, 100)) {
			ext2_dirent_find(copy, SIZE, "no such name", 12);
			ext2_dirent_add(copy, SIZE, "more", 4, 7, 1);
			ck_assert(ext2_dirent_check(copy, SIZE, 100));
		}
		free(copy);
	}
}
END_TEST

/* ---- the way to a block ---- */

START_TEST(block_path_counts_up)
{
	for (unsigned bits = 8; bits <= 10; bits++) {
		u32 per = 1u << bits, at[4], last[4] = { 0 };
		int depth, last_depth = 1;

		for (u64 n = 0; n < 12 + per + (u64)per * 20; n++) {
			depth = ext2_block_path(n, bits, at);
			ck_assert_int_ge(depth, last_depth);
			for (int i = 1; i < depth; i++)
				ck_assert_uint_lt(at[i], per);
			if (n && depth == last_depth && at[depth - 1])
				ck_assert_uint_eq(at[depth - 1], last[depth - 1] + 1);
			last_depth = depth;
			for (int i = 0; i < depth; i++)
				last[i] = at[i];
		}
	}
}
END_TEST

START_TEST(block_path_edges)
{
	u32 at[4];
	u64 p = 256;

	ck_assert_int_eq(ext2_block_path(11, 8, at), 1);
	ck_assert_uint_eq(at[0], 11);
	ck_assert_int_eq(ext2_block_path(12, 8, at), 2);
	ck_assert(at[0] == 12 && at[1] == 0);
	ck_assert_int_eq(ext2_block_path(12 + p - 1, 8, at), 2);
	ck_assert_uint_eq(at[1], 255);
	ck_assert_int_eq(ext2_block_path(12 + p, 8, at), 3);
	ck_assert(at[0] == 13 && at[1] == 0 && at[2] == 0);
	ck_assert_int_eq(ext2_block_path(12 + p + p * p, 8, at), 4);
	ck_assert(at[0] == 14 && at[1] == 0 && at[2] == 0 && at[3] == 0);
	ck_assert_int_eq(ext2_block_path(12 + p + p * p + p * p * p - 1, 8, at), 4);
	ck_assert(at[1] == 255 && at[2] == 255 && at[3] == 255);
	ck_assert_int_eq(ext2_block_path(12 + p + p * p + p * p * p, 8, at), 0);
	ck_assert_int_eq(ext2_block_path(~0UL, 8, at), 0);
}
END_TEST

/* ---- bitmaps ---- */

#define BITS	1000u

static u64 map[16];

static u32 naive_zero_run(u32 from, u32 end, u32 want)
{
	for (u32 at = from; at < end; at++) {
		u32 n = 0;

		while (n < want && at + n < end && !ext2_test_bit(map, at + n))
			n++;
		if (n == want)
			return at;
	}
	return end;
}

START_TEST(bitmap_random)
{
	srand((unsigned)_i + 1);
	for (int i = 0; i < 2000; i++) {
		u32 from = (u32)rand() % BITS, count = (u32)rand() % (BITS - from + 1);
		u32 want = 1 + (u32)rand() % 20;

		if (i % 2)
			ext2_set_bits(map, from, count % 70);
		else
			ext2_clear_bits(map, from, count % 50);
		ck_assert_uint_eq(ext2_find_zero(map, from, BITS), naive_zero_run(from, BITS, 1));
		ck_assert_uint_eq(ext2_find_zero_run(map, from, BITS, want),
				  naive_zero_run(from, BITS, want));
	}
}
END_TEST

START_TEST(bitmap_clear_counts)
{
	memset(map, 0, sizeof(map));
	ext2_set_bits(map, 3, 100);
	ck_assert_uint_eq(ext2_clear_bits(map, 0, 10), 3);
	ck_assert_uint_eq(ext2_clear_bits(map, 0, 10), 10);
}
END_TEST

/* ---- partitions ---- */

#define SECTORS	2048u

static u8 disk[SECTORS * 512];
static struct partition out[MAX_PARTITIONS];
static u8 scratch[512];

static int read_sector(void *dev, u64 sector, u8 *buf)
{
	ck_assert_uint_lt(sector, SECTORS);
	memcpy(buf, disk + sector * 512, 512);
	return 0;
}

static void put32(u8 *p, u32 v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (u8)(v >> 8 * i);
}

static void mbr_entry(u32 sector, int slot, u8 type, u32 start, u32 count)
{
	u8 *e = disk + sector * 512 + 446 + 16 * slot;

	e[4] = type;
	put32(e + 8, start);
	put32(e + 12, count);
	disk[sector * 512 + 510] = 0x55;
	disk[sector * 512 + 511] = 0xaa;
}

START_TEST(partitions_mbr)
{
	memset(disk, 0, sizeof(disk));
	ck_assert_int_eq(partitions_parse(NULL, read_sector, SECTORS, out, scratch), 0);
	mbr_entry(0, 0, 0x83, 64, 100);
	mbr_entry(0, 1, 0x05, 512, 1024);
	mbr_entry(0, 3, 0x83, 2000, 100);		/* reaches beyond the device */
	mbr_entry(512, 0, 0x83, 8, 50);
	mbr_entry(512, 1, 0x05, 256, 256);
	mbr_entry(768, 0, 0x82, 8, 60);
	mbr_entry(768, 1, 0x05, 0, 0);
	ck_assert_int_eq(partitions_parse(NULL, read_sector, SECTORS, out, scratch), 4);
	ck_assert(out[0].number == 1 && out[0].start == 64 && out[0].sectors == 100);
	ck_assert(out[1].number == 2 && out[1].start == 512 && out[1].sectors == 2);
	ck_assert(out[2].number == 5 && out[2].start == 520 && out[2].sectors == 50);
	ck_assert(out[3].number == 6 && out[3].start == 776 && out[3].sectors == 60);
	mbr_entry(768, 1, 0x05, 256, 256);		/* a chain that comes back to itself ends */
	ck_assert_int_le(partitions_parse(NULL, read_sector, SECTORS, out, scratch),
			 MAX_PARTITIONS);
}
END_TEST

START_TEST(partitions_gpt)
{
	u8 *header = disk + 512, *e = disk + 1024;

	memset(disk, 0, sizeof(disk));
	mbr_entry(0, 0, 0xee, 1, SECTORS - 1);
	memcpy(header, "EFI PART", 8);
	put32(header + 72, 2);
	put32(header + 80, 128);
	put32(header + 84, 128);
	e[0] = 1;
	put32(e + 32, 34);
	put32(e + 40, 133);
	e += 2 * 128;
	e[0] = 1;
	put32(e + 32, 200);
	put32(e + 40, SECTORS);				/* one sector too many */
	ck_assert_int_eq(partitions_parse(NULL, read_sector, SECTORS, out, scratch), 1);
	ck_assert(out[0].number == 1 && out[0].start == 34 && out[0].sectors == 100);
}
END_TEST

START_TEST(partitions_noise)
{
	srand((unsigned)_i + 1);
	for (int i = 0; i < 40; i++) {
		int n;

		memset(disk, 0, sizeof(disk));
		for (int k = 0; k < 4; k++)
			mbr_entry(0, k, "\x83\x05\x0f\xee\0"[rand() % 5], (u32)rand() % 3000,
				  (u32)rand());
		for (u32 s = 1; s < SECTORS; s++) {
			mbr_entry(s, 0, 0x83, (u32)rand() % 100, (u32)rand() % 100);
			mbr_entry(s, 1, 5, (u32)rand() % 3000, 1);
		}
		n = partitions_parse(NULL, read_sector, SECTORS, out, scratch);
		ck_assert_int_le(n, MAX_PARTITIONS);
		for (int k = 0; k < n; k++)
			ck_assert(out[k].start > 0 && out[k].sectors > 0 &&
				  out[k].start + out[k].sectors <= SECTORS);
	}
}
END_TEST

/* ---- extended attributes ---- */

/*
 * Random damage to an area: what passes the check can be searched, emptied and filled again without a
 * byte behind its end being touched (each area ends where its allocation does).
 */
START_TEST(xattr_damage)
{
	const size_t size = 256;

	srand((unsigned)_i + 1);
	for (int i = 0; i < 20000; i++) {
		u8 *memory = calloc(1, size);
		struct ext2_xattr_area a = { memory, memory, memory + size };
		struct ext2_xattr_entry *e;

		ck_assert_int_eq(ext2_xattr_add(&a, 1, "first", 5, "12345", 5), 0);
		ck_assert_int_eq(ext2_xattr_add(&a, 1, "second", 6, "123456789", 9), 0);
		for (int k = rand() % 4; k > 0; k--)
			memory[rand() % 48] = (u8)rand();
		while (ext2_xattr_check(&a) && (e = ext2_xattr_next(&a, NULL)))
			ext2_xattr_remove(&a, e);
		if (ext2_xattr_check(&a))
			ck_assert_int_eq(ext2_xattr_add(&a, 1, "third", 5, "123", 3), 0);
		free(memory);
	}
}
END_TEST

/* A value whose padding would lie behind the end of the area. */
START_TEST(xattr_padding)
{
	u32 memory[64] = { 0 };
	struct ext2_xattr_area a = { (u8 *)memory, (u8 *)memory, (u8 *)(memory + 63) };
	struct ext2_xattr_entry *e;

	ck_assert_int_eq(ext2_xattr_add(&a, 1, "name", 4, "1", 1), 0);
	ck_assert(ext2_xattr_check(&a));
	e = ext2_xattr_find(&a, 1, "name", 4);
	ck_assert_ptr_nonnull(e);
	e->e_value_offs += 3;
	ck_assert(!ext2_xattr_check(&a));
}
END_TEST

static Suite *ext2_suite(void)
{
	Suite *s = suite_create("ext2");
	TCase *t = tcase_create("ext2");

	tcase_add_loop_test(t, dirent_random, 0, 2);
	tcase_add_test(t, dirent_full);
	tcase_add_loop_test(t, dirent_damage, 0, 2);
	tcase_add_test(t, block_path_counts_up);
	tcase_add_test(t, block_path_edges);
	tcase_add_loop_test(t, bitmap_random, 0, 2);
	tcase_add_test(t, bitmap_clear_counts);
	tcase_add_loop_test(t, xattr_damage, 0, 2);
	tcase_add_test(t, xattr_padding);
	tcase_add_test(t, partitions_mbr);
	tcase_add_test(t, partitions_gpt);
	tcase_add_test(t, partitions_noise);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(ext2_suite);
