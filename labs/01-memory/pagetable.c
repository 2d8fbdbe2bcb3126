/*
 * Walking 4-level page tables, and what follows from it: map, unmap, translate.
 * (Intel SDM vol. 3, 4.5 and figure 4-8: the 48 bits of an address are four indices of nine
 * bits and an offset of twelve. Table 4-19 has the bits of an entry.)
 *
 * Exercise 1.2.
 *
 * Goal: find the entry that maps an address, making the tables on the way if asked; map, unmap and
 * translate by it.
 *
 * Invariant: an entry of a table above level 1 holds the physical address of the next table, which
 * is a frame of its own, cleared before it is linked. Tables allow everything (PTE_WRITE, in the
 * user's half PTE_USER): only the last entry says what is forbidden. A 2 MiB page is never
 * taken for a table.
 *
 * When it is wrong: a table that is not cleared maps garbage: page faults with "a reserved bit is
 * set". A table without PTE_USER lets the kernel work and no program. An address used for a table's
 * contents that is physical (no phys_to_virt()) faults at a small address.
 *
 * Read first: pagetable.h, common/layout.h.
 */
#include "01-memory/pagetable.h"
#include "common/errno.h"
#include "common/exercise.h"

pte_t *pt_walk(pte_t *top, vaddr_t va, bool create)
{
	/* EXERCISE 1.2: your code here. */
	exercise_blank("1.2");
	return NULL;
}

int pt_map(pte_t *top, vaddr_t va, paddr_t pa, u64 flags)
{
	/* EXERCISE 1.2: your code here. */
	exercise_blank("1.2");
	return -ENOMEM;
}

/* The CPU may set the accessed and dirty bits at any moment: an exchange loses none. */
pte_t pt_unmap(pte_t *top, vaddr_t va)
{
	/* EXERCISE 1.2: your code here. */
	exercise_blank("1.2");
	return 0;
}

bool pt_translate(pte_t *top, vaddr_t va, paddr_t *pa, u64 *flags)
{
	/* EXERCISE 1.2: your code here. */
	exercise_blank("1.2");
	return false;
}
