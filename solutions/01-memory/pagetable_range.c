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
 * When it is wrong: a lost dirty bit is a write to a shared file that never reaches the disk. An end
 * that is taken as inclusive unmaps the first page of a neighbour. A missed skip makes exit take
 * minutes.
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
typedef int (*visit_fn)(pte_t *pte, vaddr_t va, void *arg);

/* [va, last] lies within the 2 MiB that the table maps. */
static int visit_pages(pte_t *table, vaddr_t va, vaddr_t last, visit_fn fn, void *arg)
{
	for (pte_t *pte = &table[PT_INDEX(va, 1)]; va <= last; pte++, va += PAGE_SIZE) {
		int result = *pte ? fn(pte, va, arg) : 0;

		if (result)
			return result;
	}
	return 0;
}

/* The same for a table of a higher level: [va, last] lies within what it maps. */
static int visit_tables(pte_t *table, int level, vaddr_t va, vaddr_t last, visit_fn fn, void *arg)
{
	const u64 span = PAGE_SIZE << 9 * (level - 1);

	for (;;) {
		pte_t e = table[PT_INDEX(va, level)];
		vaddr_t end = MIN(va | (span - 1), last);
		int result = 0;

		if (e & PTE_PRESENT && !(e & PTE_LARGE))
			result = level == 2 ?
				 visit_pages(phys_to_virt(pte_phys(e)), va, end, fn, arg) :
				 visit_tables(phys_to_virt(pte_phys(e)), level - 1, va, end, fn, arg);
		if (result || end == last)
			return result;
		va = end + 1;
	}
}
/* EXERCISE 1.4 END */

int pt_for_each(pte_t *top, vaddr_t start, vaddr_t end,
		int (*fn)(pte_t *pte, vaddr_t va, void *arg), void *arg)
{
	/* EXERCISE 1.4 BEGIN  blank: return 0; */
	start = ALIGN_DOWN(start, PAGE_SIZE);
	return start < end ? visit_tables(top, PT_LEVELS, start, end - 1, fn, arg) : 0;
	/* EXERCISE 1.4 END */
}
