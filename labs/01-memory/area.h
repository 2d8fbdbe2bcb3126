/*
 * Dividing a range of kernel addresses into areas: which addresses are in use, sorted, each area
 * with an unmapped page on both sides, so that running out of one faults instead of
 * entering the next. Pure book-keeping: nothing is mapped here. The caller locks.
 */
#pragma once

#include "common/rbtree.h"

struct area {
	struct rb_node node;
	vaddr_t start;
	u64 size;		/* bytes, a multiple of PAGE_SIZE, without guard pages */
};

struct area_space {
	struct rb_root root;	/* struct area, by start */
	vaddr_t base, end;
};

/*
 * Find the lowest place for a->size bytes (at least a page) with a guard page before and after it,
 * set a->start and enter the area: 0, or -ENOMEM if no gap is large enough.
 */
int area_insert(struct area_space *s, struct area *a);

/* The area that starts at this address, or NULL. */
struct area *area_find(const struct area_space *s, vaddr_t start);

static inline void area_remove(struct area_space *s, struct area *a)
{
	rb_erase(&s->root, &a->node);
}
