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

/* EXERCISE 1.1 BEGIN  blank-toplevel */
static void put_on_list(struct buddy *b, struct frame *f, unsigned order)
{
	f->order = order;
	f->flags |= FRAME_BUDDY;
	list_add(&f->link, &b->free[order]);
}

static void take_off_list(struct frame *f)
{
	f->flags &= ~FRAME_BUDDY;
	list_del(&f->link);
}
/* EXERCISE 1.1 END */

/* Search upwards for a block; keep the lower half of it until it is small enough. */
struct frame *buddy_alloc(struct buddy *b, unsigned order)
{
	/* EXERCISE 1.1 BEGIN  blank: return NULL; */
	unsigned have = order;
	struct frame *f;

	while (have <= MAX_ORDER && list_empty(&b->free[have]))
		have++;
	if (have > MAX_ORDER)
		return NULL;
	f = list_first_entry(&b->free[have], struct frame, link);
	take_off_list(f);
	while (have > order) {
		have--;
		put_on_list(b, f + (1UL << have), have);
	}
	f->order = order;
	b->free_frames -= 1UL << order;
	return f;
	/* EXERCISE 1.1 END */
}

/* Climb: while the buddy is a free block of the same order, the two become one. */
void buddy_free(struct buddy *b, struct frame *f, unsigned order)
{
	/* EXERCISE 1.1 BEGIN  blank: */
	u64 n = f - b->frames;

	b->free_frames += 1UL << order;
	for (; order < MAX_ORDER; order++) {
		u64 other = n ^ (1UL << order);

		if (other + (1UL << order) > b->count || !(b->frames[other].flags & FRAME_BUDDY) ||
		    b->frames[other].order != order)
			break;
		take_off_list(&b->frames[other]);
		n &= ~(1UL << order);
	}
	put_on_list(b, &b->frames[n], order);
	/* EXERCISE 1.1 END */
}

/* From the front: the largest block that is aligned here and does not reach past the end. */
void buddy_free_range(struct buddy *b, u64 first, u64 end)
{
	/* EXERCISE 1.1 BEGIN  blank: */
	while (first < end) {
		unsigned order = 0;

		while (order < MAX_ORDER && !(first & (1UL << order)) &&
		       first + (2UL << order) <= end)
			order++;
		buddy_free(b, &b->frames[first], order);
		first += 1UL << order;
	}
	/* EXERCISE 1.1 END */
}
