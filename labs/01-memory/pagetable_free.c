/*
 * Taking page tables apart.
 *
 * Exercise 1.5.
 *
 * Goal: give back the tables that serve a range nobody uses any more, after munmap() and when a
 * process ends.
 *
 * Invariant: first unlink, then flush, then free. A CPU may still hold the address of a table in
 * its paging-structure caches (SDM vol. 3, 4.10.3) and read it until it has flushed; so
 * pt_prune() frees nothing: it puts the frames of the tables on a list, and its caller flushes
 * and then drops them. A table is unlinked only if all that it could map lies in the range, and
 * its own tables go with it. What they map is left to the caller.
 *
 * When it is wrong: a table taken though the range only touches it unmaps the neighbours. One
 * forgotten is a leaked frame per process. One freed before the flush makes another CPU
 * use somebody's data as a page table.
 *
 * Read first: pagetable.h; pt_for_each() in pagetable_range.c walks in the same way.
 */
#include "01-memory/pagetable.h"
#include "common/exercise.h"

void pt_prune(pte_t *top, vaddr_t start, vaddr_t end, struct list_head *list)
{
	/* EXERCISE 1.5: your code here. */
	exercise_blank("1.5");
}

void pt_free(pte_t *top)
{
	/* EXERCISE 1.5: your code here. */
	exercise_blank("1.5");
}
