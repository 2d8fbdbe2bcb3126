/*
 * Searching bitmaps, a word at a time: looking for a free block passes over 64 used ones by one
 * comparison. (Little-endian words: bit n of the map is bit n % 64 of word n / 64.)
 */
#include "05-vfs/ext2/ext2_disk.h"

#define WORD	64u

static u64 word_at(const void *map, u32 n)
{
	return ((const u64 *)map)[n / WORD];
}

bool ext2_test_bit(const void *map, u32 n)
{
	return word_at(map, n) >> n % WORD & 1;
}

void ext2_set_bits(void *map, u32 from, u32 count)
{
	for (u32 n = from; n < from + count; n++)
		((u8 *)map)[n / 8] |= 1 << n % 8;
}

u32 ext2_clear_bits(void *map, u32 from, u32 count)
{
	u32 were_clear = 0;

	for (u32 n = from; n < from + count; n++) {
		were_clear += !ext2_test_bit(map, n);
		((u8 *)map)[n / 8] &= ~(1 << n % 8);
	}
	return were_clear;
}

/*
 * The first bit in [from, end) whose value is not that of the bits of `skip` (0 or all ones), or
 * end.
 */
static u32 find_other(const void *map, u32 from, u32 end, u64 skip)
{
	while (from < end) {
		u64 word = (word_at(map, from) ^ skip) >> from % WORD;

		if (word) {
			from += __builtin_ctzll(word);
			return from < end ? from : end;
		}
		from = (from / WORD + 1) * WORD;
	}
	return end;
}

u32 ext2_find_zero(const void *map, u32 from, u32 end)
{
	return find_other(map, from, end, ~0UL);
}

u32 ext2_zero_run(const void *map, u32 from, u32 max)
{
	return find_other(map, from, from + max, 0) - from;
}

/* Gives up as soon as fewer than `want` bits are left, which callers rely on not to run over. */
u32 ext2_find_zero_run(const void *map, u32 from, u32 end, u32 want)
{
	while (from < end) {
		u32 run;

		from = ext2_find_zero(map, from, end);
		if (from >= end || end - from < want)
			return end;
		run = ext2_zero_run(map, from, want);
		if (run >= want)
			return from;
		from += run;
	}
	return end;
}
