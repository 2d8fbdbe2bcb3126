/*
 * First fit over a sorted tree (contract in area.h).
 *
 * Exercise 1.6.
 *
 * Goal: find addresses for kernel stacks, device registers and vmalloc(), and find the area again
 * when it is freed. The process's VM areas of lab 02 are kept in the same way.
 *
 * Invariant: areas do not overlap; between two of them, before the first and after the last there
 * is at least one page that belongs to none: the guard page. An address that was freed is used
 * again: the lowest gap that is large enough is taken.
 *
 * When it is wrong: a missing guard page lets an overflowing stack write into its neighbour, and
 * two threads die far from the cause. Addresses that are never used again cost a page table for
 * every 2 MiB.
 *
 * Read first: common/rbtree.h; the tree has no search function: each user walks down by itself.
 */
#include "01-memory/area.h"
#include "common/errno.h"
#include "common/exercise.h"

/* EXERCISE 1.6 BEGIN  blank-toplevel */
static struct area *area_of(struct rb_node *n)
{
	return rb_entry(n, struct area, node);
}

/* Enter the area, whose start is set, into the tree. */
static void enter(struct rb_root *root, struct area *a)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = a->start < area_of(parent)->start ? &parent->left : &parent->right;
	}
	rb_insert(root, &a->node, parent, link);
}
/* EXERCISE 1.6 END */

/* `at` is the lowest address that is left by the areas seen so far. */
int area_insert(struct area_space *s, struct area *a)
{
	/* EXERCISE 1.6 BEGIN  blank: return -ENOMEM; */
	const u64 need = a->size + PAGE_SIZE;
	vaddr_t at = s->base + PAGE_SIZE;
	struct rb_node *n;

	if (need < a->size)
		return -ENOMEM;
	for (n = rb_first(&s->root); n && area_of(n)->start - at < need; n = rb_next(n))
		at = area_of(n)->start + area_of(n)->size + PAGE_SIZE;
	if (!n && (at > s->end || s->end - at < need))
		return -ENOMEM;
	a->start = at;
	enter(&s->root, a);
	return 0;
	/* EXERCISE 1.6 END */
}

struct area *area_find(const struct area_space *s, vaddr_t start)
{
	/* EXERCISE 1.6 BEGIN  blank: return NULL; */
	struct rb_node *n = s->root.node;

	while (n && area_of(n)->start != start)
		n = start < area_of(n)->start ? n->left : n->right;
	return n ? area_of(n) : NULL;
	/* EXERCISE 1.6 END */
}
