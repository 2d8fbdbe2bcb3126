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
	/* EXERCISE 1.4 BEGIN  blank: return -ENOENT; */
	const u64 mask = PTE_WRITE | PTE_USER | PTE_NX;
	pte_t *pte = pt_walk(top, va, false);
	pte_t old;

	do {
		old = pte ? atomic_load(pte) : 0;
		if (!(old & PTE_PRESENT))
			return -ENOENT;
	} while (!atomic_cmpxchg(pte, old, (old & ~mask) | (flags & mask)));
	return 0;
	/* EXERCISE 1.4 END */
}

/* EXERCISE 1.4 BEGIN  blank-toplevel */
/* In a table of this level, which maps all of [start, last]. */
static int visit(pte_t *table, int level, vaddr_t start, vaddr_t last,
		 int (*fn)(pte_t *pte, vaddr_t va, void *arg), void *arg)
{
	const u64 span = PAGE_SIZE << 9 * (level - 1);
	const vaddr_t base = ALIGN_DOWN(start, span * PT_ENTRIES);
	pte_t *e = &table[PT_INDEX(start, level)], *end = &table[PT_INDEX(last, level)] + 1;
	int result = 0;

	for (e = pt_next(e, end); e < end && !result; e = pt_next(e + 1, end)) {
		vaddr_t va = base + (e - table) * span;

		if (level == 1)
			result = fn(e, va, arg);
		else if (*e & PTE_PRESENT && !(*e & PTE_LARGE))
			result = visit(phys_to_virt(pte_phys(*e)), level - 1, MAX(va, start),
				       MIN(va + span - 1, last), fn, arg);
	}
	return result;
}
/* EXERCISE 1.4 END */


int pt_for_each(pte_t *top, vaddr_t start, vaddr_t end,
		int (*fn)(pte_t *pte, vaddr_t va, void *arg), void *arg)
{
	/* EXERCISE 1.4 BEGIN  blank: return 0; */
	start = ALIGN_DOWN(start, PAGE_SIZE);
	return start < end ? visit(top, PT_LEVELS, start, end - 1, fn, arg) : 0;
	/* EXERCISE 1.4 END */
}
