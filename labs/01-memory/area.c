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

/* `at` is the lowest address that is left by the areas seen so far. */
int area_insert(struct area_space *s, struct area *a)
{
	/* EXERCISE 1.6: your code here. */
	exercise_blank("1.6");
	return -ENOMEM;
}

struct area *area_find(const struct area_space *s, vaddr_t start)
{
	/* EXERCISE 1.6: your code here. */
	exercise_blank("1.6");
	return NULL;
}
