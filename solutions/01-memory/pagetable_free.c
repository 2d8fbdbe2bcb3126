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

/* EXERCISE 1.5 BEGIN  blank-toplevel */
static inline bool is_table(pte_t e)
{
	return e & PTE_PRESENT && !(e & PTE_LARGE);
}

/* Add the table that e points to, and all tables below it; level is that table's. */
static void collect(pte_t e, int level, struct list_head *list)
{
	pte_t *table = phys_to_virt(pte_phys(e)), *end = table + PT_ENTRIES;

	if (level > 1)
		for (pte_t *p = pt_next(table, end); p < end; p = pt_next(p + 1, end))
			if (is_table(*p))
				collect(*p, level - 1, list);
	list_add_tail(&phys_to_frame(pte_phys(e))->link, list);
}

/* In a table of this level, which maps all of [start, last]. */
static void prune(pte_t *table, int level, vaddr_t start, vaddr_t last, struct list_head *list)
{
	const u64 span = PAGE_SIZE << 9 * (level - 1);
	const vaddr_t base = ALIGN_DOWN(start, span * PT_ENTRIES);
	pte_t *e = &table[PT_INDEX(start, level)], *end = &table[PT_INDEX(last, level)] + 1;

	for (e = pt_next(e, end); e < end; e = pt_next(e + 1, end)) {
		vaddr_t va = base + (e - table) * span, va_last = va + span - 1;
		bool whole = va >= start && va_last <= last;

		if (!is_table(*e))
			continue;
		if (whole)
			collect(atomic_xchg(e, 0), level - 1, list);
		else if (level > 2)
			prune(phys_to_virt(pte_phys(*e)), level - 1, MAX(va, start),
			      MIN(va_last, last), list);
	}
}
/* EXERCISE 1.5 END */


void pt_prune(pte_t *top, vaddr_t start, vaddr_t end, struct list_head *list)
{
	/* EXERCISE 1.5 BEGIN  blank: */
	if (start < end)
		prune(top, PT_LEVELS, start, end - 1, list);
	/* EXERCISE 1.5 END */
}

void pt_free(pte_t *top)
{
	/* EXERCISE 1.5 BEGIN  blank: */
	struct frame *f, *next;
	LIST_HEAD(tables);

	pt_prune(top, 0, 1UL << 47, &tables);
	list_for_each_entry_safe(f, next, &tables, link)
		frame_put(f);
	frame_put(virt_to_frame(top));
	/* EXERCISE 1.5 END */
}
