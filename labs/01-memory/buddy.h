/*
 * The buddy system (Knowlton 1965; Knuth, The Art of Computer Programming, vol. 1, 2.5): free
 * memory is kept in blocks of 2^order frames, each aligned to its size.
 *
 * Two blocks of one order that together form an aligned block of the next are buddies: their
 * frame numbers differ in the one bit `order`. A free block is known by its head alone: FRAME_BUDDY
 * is set there, `order` is its size, `link` is on the list of that order. Frames inside a
 * block, free or allocated, never have FRAME_BUDDY.
 *
 * Nothing here locks or touches the memory itself: frame.c does the one, and tests use an array of
 * struct frame that stands for no memory at all.
 */
#pragma once

#include "01-memory/frame.h"

struct buddy {
	struct frame *frames;			/* frame number n is frames[n] */
	u64 count;				/* length of that array */
	u64 free_frames;			/* in all blocks on the lists */
	struct list_head free[MAX_ORDER + 1];	/* free blocks, by order */
};

/* An allocator for frames[0 .. count) that owns none of them yet. */
void buddy_init(struct buddy *b, struct frame *frames, u64 count);

/*
 * Take a block of 2^order frames (order <= MAX_ORDER) from the smallest free block that is large
 * enough; what is left over of it goes back in halves. Sets `order` in the block's head; NULL
 * if no block is large enough.
 */
struct frame *buddy_alloc(struct buddy *b, unsigned order);

/* Give back a block of 2^order frames; joined with its buddy as long as that is free as a whole. */
void buddy_free(struct buddy *b, struct frame *f, unsigned order);

/* Give the frames numbered first to end - 1, in the largest aligned blocks that fit. */
void buddy_free_range(struct buddy *b, u64 first, u64 end);
