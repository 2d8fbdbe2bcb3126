/*
 * The buddy system's two operations: splitting and joining (contract and invariants in buddy.h).
 *
 * Exercise 1.1.
 *
 * Goal: hand out aligned blocks of 2^order frames, and let free neighbours grow together again, so
 * that large blocks survive a long life of small requests.
 *
 * Invariant: a frame is in at most one block; FRAME_BUDDY is set exactly in the heads of the blocks
 * that are on a list; no two buddies are both free (they would be one block); free_frames is the
 * number of frames in the blocks on the lists.
 *
 * When it is wrong: a block handed out twice shows much later, as data that changes by
 * itself; a missed join shows as memory that is free but never again in large blocks; a join with a
 * buddy that is free only in part (its head is free, but of a smaller order) hands out
 * memory in use.
 *
 * Read first: buddy.h, common/list.h; Linux's mm/page_alloc.c does the same in __free_one_page().
 */
#include "01-memory/buddy.h"
#include "common/exercise.h"

void buddy_init(struct buddy *b, struct frame *array, u64 count)
{
	b->frames = array;
	b->count = count;
	b->free_frames = 0;
	for (int order = 0; order <= MAX_ORDER; order++)
		list_init(&b->free[order]);
}

/* Search upwards for a block; keep the lower half of it until it is small enough. */
struct frame *buddy_alloc(struct buddy *b, unsigned order)
{
	/* EXERCISE 1.1: your code here. */
	exercise_blank("1.1");
	return NULL;
}

/* Climb: while the buddy is a free block of the same order, the two become one. */
void buddy_free(struct buddy *b, struct frame *f, unsigned order)
{
	/* EXERCISE 1.1: your code here. */
	exercise_blank("1.1");
}

/* From the front: the largest block that is aligned here and does not reach past the end. */
void buddy_free_range(struct buddy *b, u64 first, u64 end)
{
	/* EXERCISE 1.1: your code here. */
	exercise_blank("1.1");
}
