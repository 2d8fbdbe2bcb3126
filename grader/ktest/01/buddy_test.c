/*
 * Exercise 1.1: the buddy system, on an array of struct frame that stands for no memory, so that
 * every block can be counted.
 */
#include "01-memory/buddy.h"
#include "common/ktest.h"

#define COUNT	64

static struct frame array[COUNT];
static struct buddy b;

static void start(void)
{
	memset(array, 0, sizeof(array));
	buddy_init(&b, array, COUNT);
}

static int blocks(unsigned order)
{
	struct frame *f;
	int n = 0;

	list_for_each_entry(f, &b.free[order], link)
		n++;
	return n;
}

/* The lists hold exactly these many blocks of order 0 to 5, none above. */
static void expect_blocks(int n0, int n1, int n2, int n3, int n4, int n5)
{
	const int want[] = { n0, n1, n2, n3, n4, n5 };

	for (unsigned order = 0; order <= MAX_ORDER; order++) {
		int n = order < ARRAY_SIZE(want) ? want[order] : 0;

		KTEST_MSG(blocks(order) == n, "%d free blocks of order %u expected, %d found", n,
			  order, blocks(order));
	}
}

/* Every block on a list is marked, aligned and of that list's order; their sum is free_frames. */
static void expect_sound(void)
{
	struct frame *f;
	u64 sum = 0;

	for (unsigned order = 0; order <= MAX_ORDER; order++)
		list_for_each_entry(f, &b.free[order], link) {
			KTEST_EQ(f->order, order);
			KTEST_ASSERT(f->flags & FRAME_BUDDY);
			KTEST_ASSERT(IS_ALIGNED((u64)(f - array), 1UL << order));
			sum += 1UL << order;
		}
	KTEST_EQ(b.free_frames, sum);
}

KTEST(buddy_exact, "1.1", 2,
      "a block that fits exactly is taken, and its head is no longer marked free")
{
	struct frame *f;

	start();
	buddy_free(&b, &array[8], 3);
	KTEST_CALL(expect_blocks(0, 0, 0, 1, 0, 0));
	f = buddy_alloc(&b, 3);
	KTEST_ASSERT(f == &array[8]);
	KTEST_EQ(f->order, 3);
	KTEST_ASSERT(!(f->flags & FRAME_BUDDY));
	KTEST_EQ(b.free_frames, 0);
	KTEST_CALL(expect_blocks(0, 0, 0, 0, 0, 0));
	KTEST_ASSERT(!buddy_alloc(&b, 0));
}

KTEST(buddy_split, "1.1", 5,
      "a free block of 32 frames is halved until one frame is left to hand out")
{
	struct frame *f;

	start();
	buddy_free(&b, &array[32], 5);
	f = buddy_alloc(&b, 0);
	KTEST_ASSERT(f && f >= &array[32] && f < &array[64]);
	KTEST_EQ(f->order, 0);
	KTEST_EQ(b.free_frames, 31);
	KTEST_CALL(expect_blocks(1, 1, 1, 1, 1, 0));
	KTEST_CALL(expect_sound());
	f = buddy_alloc(&b, 4);
	KTEST_ASSERT(f);
	KTEST_EQ((f - array) % 16, 0);
	KTEST_CALL(expect_blocks(1, 1, 1, 1, 0, 0));
	KTEST_ASSERT(!buddy_alloc(&b, 4));
}

KTEST(buddy_distinct, "1.1", 2, "no frame is handed out twice")
{
	u64 seen = 0;

	start();
	buddy_free(&b, &array[0], 5);
	buddy_free(&b, &array[48], 4);
	for (int i = 0; i < 48; i++) {
		struct frame *f = buddy_alloc(&b, 0);

		KTEST_MSG(f, "only %d of 48 frames were handed out", i);
		KTEST_MSG(!(seen & BIT(f - array)), "frame %ld was handed out twice", f - array);
		seen |= BIT(f - array);
	}
	KTEST_EQ(seen, 0xffff0000ffffffff);
	KTEST_ASSERT(!buddy_alloc(&b, 0));
}

KTEST(buddy_join, "1.1", 5,
      "freed blocks join with their buddies, in whatever order they come back")
{
	static const u8 order_of_return[] = { 5, 2, 7, 0, 3, 6, 1, 4 };

	start();
	buddy_free(&b, &array[0], 3);
	for (int i = 0; i < 8; i++)
		KTEST_ASSERT(buddy_alloc(&b, 0));
	for (int i = 0; i < 8; i++) {
		buddy_free(&b, &array[order_of_return[i]], 0);
		KTEST_EQ(b.free_frames, i + 1);
		KTEST_CALL(expect_sound());
	}
	KTEST_CALL(expect_blocks(0, 0, 0, 1, 0, 0));
	KTEST_ASSERT(buddy_alloc(&b, 3) == &array[0]);
}

KTEST(buddy_partial, "1.1", 3, "a block does not join with a buddy of which only a part is free")
{
	start();
	buddy_free(&b, &array[2], 0);		/* 3 is in use */
	buddy_free(&b, &array[0], 1);
	KTEST_CALL(expect_blocks(1, 1, 0, 0, 0, 0));
	buddy_free(&b, &array[3], 0);		/* now all of 0 to 3 is free */
	KTEST_CALL(expect_blocks(0, 0, 1, 0, 0, 0));
	buddy_free(&b, &array[8], 2);		/* 4 to 7 are in use: no buddy of 0 to 3 */
	KTEST_CALL(expect_blocks(0, 0, 2, 0, 0, 0));
	KTEST_EQ(b.free_frames, 8);
}

KTEST(buddy_range, "1.1", 3,
      "a range becomes the largest aligned blocks that fit, and ends at the array's end")
{
	start();
	b.count = 61;
	array[61].flags = FRAME_BUDDY;		/* not ours, whatever it looks like */
	array[62].flags = FRAME_BUDDY;
	array[62].order = 1;
	buddy_free_range(&b, 3, 29);		/* 3, 4-7, 8-15, 16-23, 24-27, 28 */
	KTEST_EQ(b.free_frames, 26);
	KTEST_CALL(expect_blocks(2, 0, 2, 2, 0, 0));
	buddy_free_range(&b, 56, 61);		/* 56-59, 60 */
	KTEST_CALL(expect_blocks(3, 0, 3, 2, 0, 0));
	KTEST_CALL(expect_sound());
	buddy_free_range(&b, 32, 32);
	KTEST_EQ(b.free_frames, 31);
}
