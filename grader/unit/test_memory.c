/*
 * Lab 01's pure code on the host: the buddy system and the address areas, by random operations
 * against a model that keeps nothing but an array.
 */
#include <errno.h>
#include <stdlib.h>

#include "unit.h"

#include "kernel_names.h"
#include "common/string.h"
#include "01-memory/area.h"
#include "01-memory/buddy.h"

/* ---- buddy ---- */

#define FRAMES	1000	/* no power of two */

static struct frame array[FRAMES];
static u8 taken[FRAMES];	/* order + 1 of the block that holds the frame; 0: free */

static void check_free_lists(const struct buddy *b, u64 expected)
{
	u64 n = 0;

	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		struct frame *f;

		list_for_each_entry(f, &b->free[order], link) {
			u64 first = (u64)(f - array);

			ck_assert_uint_eq(first & ((1UL << order) - 1), 0);
			ck_assert_uint_le(first + (1UL << order), FRAMES);
			for (u64 i = first; i < first + (1UL << order); i++)
				ck_assert_uint_eq(taken[i], 0);
			n += 1UL << order;
		}
	}
	ck_assert_uint_eq(n, expected);
	ck_assert_uint_eq(b->free_frames, expected);
}

static u64 take(struct buddy *b, unsigned order)
{
	struct frame *f = buddy_alloc(b, order);
	u64 first;

	if (!f)
		return 0;
	first = (u64)(f - array);
	ck_assert_uint_eq(first & ((1UL << order) - 1), 0);
	for (u64 i = first; i < first + (1UL << order); i++) {
		ck_assert_uint_eq(taken[i], 0);
		taken[i] = (u8)(order + 1);
	}
	return 1UL << order;
}

static u64 give(struct buddy *b, u64 first)
{
	unsigned order = taken[first] - 1u;

	first &= ~((1UL << order) - 1);
	for (u64 i = first; i < first + (1UL << order); i++)
		taken[i] = 0;
	buddy_free(b, &array[first], order);
	return 1UL << order;
}

START_TEST(buddy_random)
{
	struct buddy b;
	u64 unused = FRAMES;

	memset(array, 0, sizeof(array));
	buddy_init(&b, array, FRAMES);
	buddy_free_range(&b, 0, FRAMES);
	check_free_lists(&b, FRAMES);
	srand((unsigned)_i + 1);
	for (int i = 0; i < 5000; i++) {
		u64 at = (u64)rand() % FRAMES;

		if (taken[at])
			unused += give(&b, at);
		else
			unused -= take(&b, (unsigned)rand() % 6);
		check_free_lists(&b, unused);
	}
	for (u64 i = 0; i < FRAMES; i++)
		if (taken[i])
			unused += give(&b, i);
	check_free_lists(&b, FRAMES);
	/* 1000 = 512 + 256 + 128 + 64 + 32 + 8 */
	for (unsigned order = 0; order <= MAX_ORDER; order++)
		ck_assert_int_eq(!list_empty(&b.free[order]), FRAMES >> order & 1);
}
END_TEST

/* ---- areas ---- */

#define PAGES	256
#define BASE	0x100000UL

static int owner[PAGES];	/* which area holds the page, from 1; 0: none */

/* The lowest start that leaves a page free on both sides, as area.h promises; 0: none. */
static vaddr_t lowest_gap(u64 pages)
{
	for (u64 at = 1; at + pages < PAGES; at++) {
		bool fits = true;

		for (u64 i = at - 1; i <= at + pages; i++)
			fits &= owner[i] == 0;
		if (fits)
			return BASE + at * PAGE_SIZE;
	}
	return 0;
}

static void own(const struct area *a, int who)
{
	for (u64 i = 0; i < a->size / PAGE_SIZE; i++)
		owner[(a->start - BASE) / PAGE_SIZE + i] = who;
}

START_TEST(areas_random)
{
	struct area_space s = { RB_ROOT, BASE, BASE + PAGES * PAGE_SIZE };
	static struct area areas[40];
	bool in[40] = { false };

	srand((unsigned)_i + 1);
	for (int i = 0; i < 4000; i++) {
		int k = rand() % 40;
		struct area *a = &areas[k];
		vaddr_t want;

		if (in[k]) {
			ck_assert_ptr_eq(area_find(&s, a->start), a);
			ck_assert_ptr_null(
				area_find(&s, a->start + PAGE_SIZE * (a->size / PAGE_SIZE)));
			area_remove(&s, a);
			own(a, 0);
			in[k] = false;
			continue;
		}
		a->size = (1 + (u64)rand() % 12) * PAGE_SIZE;
		want = lowest_gap(a->size / PAGE_SIZE);
		ck_assert_int_eq(area_insert(&s, a), want ? 0 : -ENOMEM);
		if (want) {
			ck_assert_uint_eq(a->start, want);
			own(a, k + 1);
			in[k] = true;
		}
	}
}
END_TEST

START_TEST(area_size_does_not_wrap)
{
	struct area_space s = { RB_ROOT, BASE, BASE + PAGES * PAGE_SIZE };
	struct area a = { .size = -PAGE_SIZE };

	ck_assert_int_eq(area_insert(&s, &a), -ENOMEM);
	a.size = ~0UL & PAGE_MASK & ~(PAGE_SIZE * 2 - 1);
	ck_assert_int_eq(area_insert(&s, &a), -ENOMEM);
}
END_TEST

static Suite *memory_suite(void)
{
	Suite *s = suite_create("memory");
	TCase *t = tcase_create("memory");

	tcase_add_loop_test(t, buddy_random, 0, 4);
	tcase_add_loop_test(t, areas_random, 0, 4);
	tcase_add_test(t, area_size_does_not_wrap);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(memory_suite);
