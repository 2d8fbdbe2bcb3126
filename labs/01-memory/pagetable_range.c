/*
 * Page tables seen as ranges: change what a page allows, and visit everything that is mapped.
 *
 * Exercise 1.4.
 *
 * Goal: pt_protect() is what mprotect() and copy-on-write are made of; pt_for_each() what fork,
 * munmap and exit are made of.
 *
 * Invariant: pt_protect() changes PTE_WRITE, PTE_USER and PTE_NX and nothing else, although the CPU
 * may set the accessed and dirty bits at the same moment. pt_for_each() calls fn once for each
 * entry of level 1 in the range that is not 0, in ascending order, and never steps page by page
 * through what has no table: a range may be the whole user half (2^35 pages).
 *
 * When it is wrong: a lost dirty bit is a write to a shared file that never reaches the disk. An
 * end that is taken as inclusive unmaps the first page of a neighbour. A missed skip makes exit
 * take minutes.
 *
 * Read first: pagetable.h; SDM vol. 3, 4.8 (accessed and dirty flags).
 */
#include "01-memory/pagetable.h"
#include "common/errno.h"
#include "common/exercise.h"

int pt_protect(pte_t *top, vaddr_t va, u64 flags)
{
	/* EXERCISE 1.4: your code here. */
	exercise_blank("1.4");
	return -ENOENT;
}

int pt_for_each(pte_t *top, vaddr_t start, vaddr_t end,
		int (*fn)(pte_t *pte, vaddr_t va, void *arg), void *arg)
{
	/* EXERCISE 1.4: your code here. */
	exercise_blank("1.4");
	return 0;
}
