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

/* EXERCISE 1.2 BEGIN  blank-toplevel */
static inline bool is_large(pte_t e, int level)
{
	return e & PTE_LARGE && level > 1;
}

/* Hang a new, empty table into *e; va says for which half. */
static bool add_table(pte_t *e, vaddr_t va)
{
	struct frame *f = frame_alloc(0, GFP_ATOMIC | GFP_ZERO, FRAME_PAGE_TABLE);

	if (!f)
		return false;
	*e = frame_to_phys(f) | PTE_PRESENT | PTE_WRITE | (va < DIRECT_MAP_BASE ? PTE_USER : 0);
	return true;
}
/* EXERCISE 1.2 END */

pte_t *pt_walk(pte_t *top, vaddr_t va, bool create)
{
	/* EXERCISE 1.2 BEGIN  blank: return NULL; */
	pte_t *table = top;

	for (int level = PT_LEVELS; level > 1; level--) {
		pte_t *e = &table[PT_INDEX(va, level)];

		if (unlikely(!(*e & PTE_PRESENT)) && (!create || !add_table(e, va)))
			return NULL;
		if (unlikely(is_large(*e, level)))
			return NULL;
		table = phys_to_virt(pte_phys(*e));
	}
	return &table[PT_INDEX(va, 1)];
	/* EXERCISE 1.2 END */
}

int pt_map(pte_t *top, vaddr_t va, paddr_t pa, u64 flags)
{
	/* EXERCISE 1.2 BEGIN  blank: return -ENOMEM; */
	pte_t *pte = pt_walk(top, va, true);

	if (!pte)
		return pt_translate(top, va, NULL, NULL) ? -EEXIST : -ENOMEM;
	if (*pte)
		return -EEXIST;
	*pte = pa | flags | PTE_PRESENT;
	return 0;
	/* EXERCISE 1.2 END */
}

/* The CPU may set the accessed and dirty bits at any moment: an exchange loses none. */
pte_t pt_unmap(pte_t *top, vaddr_t va)
{
	/* EXERCISE 1.2 BEGIN  blank: return 0; */
	pte_t *pte = pt_walk(top, va, false);

	return pte ? atomic_xchg(pte, 0) : 0;
	/* EXERCISE 1.2 END */
}

bool pt_translate(pte_t *top, vaddr_t va, paddr_t *pa, u64 *flags)
{
	/* EXERCISE 1.2 BEGIN  blank: return false; */
	pte_t *table = top, e = 0;
	u64 offset = 0;

	for (int level = PT_LEVELS; level >= 1; level--) {
		e = table[PT_INDEX(va, level)];
		if (!(e & PTE_PRESENT))
			return false;
		offset = va & ((PAGE_SIZE << 9 * (level - 1)) - 1);
		if (is_large(e, level))
			break;
		table = phys_to_virt(pte_phys(e));
	}
	if (pa)
		*pa = (pte_phys(e) & ~offset) | offset;
	if (flags)
		*flags = e & PTE_FLAGS;
	return true;
	/* EXERCISE 1.2 END */
}
