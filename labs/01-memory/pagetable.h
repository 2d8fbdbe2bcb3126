/*
 * 4-level page tables (SDM vol. 3, 4.5): walk, map, unmap, translate, protect.
 *
 * An address space is named by the frame of its top-level table. All 256 kernel
 * entries of the top level exist from boot and are copied into every new table,
 * so that kernel mappings need never be propagated.
 *
 * The caller serialises changes (mm->pt_lock for user halves, RANK_KERNEL_MAP for the kernel's) and
 * flushes TLBs: these functions only change memory.
 */
#pragma once

#include "01-memory/frame.h"

typedef u64 pte_t;

#define PTE_PRESENT	BIT(0)
#define PTE_WRITE	BIT(1)
#define PTE_USER	BIT(2)
#define PTE_WRITE_THROUGH BIT(3)
#define PTE_NO_CACHE	BIT(4)
#define PTE_ACCESSED	BIT(5)
#define PTE_DIRTY	BIT(6)
#define PTE_LARGE	BIT(7)		/* in level 2: a 2 MiB page */
#define PTE_GLOBAL	BIT(8)
#define PTE_SPECIAL	BIT(9)		/* ours: not counted (zero page, device memory, vDSO) */
#define PTE_NX		BIT(63)
#define PTE_ADDR	0x000ffffffffff000UL
#define PTE_FLAGS	(~PTE_ADDR)

#define PT_ENTRIES	512
#define PT_LEVELS	4
/* Index of va in a table of the given level: 4 (top) to 1 (the one that maps 4 KiB pages). */
#define PT_INDEX(va, level)	(((va) >> (PAGE_SHIFT + 9 * ((level) - 1))) & (PT_ENTRIES - 1))
#define LARGE_PAGE_SIZE		(PAGE_SIZE << 9)

static inline paddr_t pte_phys(pte_t e)
{
	return e & PTE_ADDR;
}

/*
 * The entry of level 1 that maps va in the tables with top-level `top` (virtual address of the
 * table). Missing tables are allocated if create; NULL if missing and not
 * create, if memory is short, or if a 2 MiB page is in the way. Does not sleep (GFP_ATOMIC).
 */
pte_t *pt_walk(pte_t *top, vaddr_t va, bool create);

/*
 * Map one page: 0, -ENOMEM, or -EEXIST if something is mapped there. flags: PTE_ bits;
 * PTE_PRESENT is added.
 */
int pt_map(pte_t *top, vaddr_t va, paddr_t pa, u64 flags);

/*
 * Clear the entry and return what stood there (0 if nothing). The caller flushes, then drops the
 * frame.
 */
pte_t pt_unmap(pte_t *top, vaddr_t va);

/* Physical address that va translates to, also inside 2 MiB pages; false if not mapped. */
bool pt_translate(pte_t *top, vaddr_t va, paddr_t *pa, u64 *flags);

/* Replace the permission bits (PTE_WRITE, PTE_USER, PTE_NX) of a mapped page: 0 or -ENOENT. */
int pt_protect(pte_t *top, vaddr_t va, u64 flags);

/*
 * The first entry in [e, end) that is not 0, or end. Most tables are nearly empty, and exit looks
 * at all entries of some: four at a time are cheap.
 */
static inline pte_t *pt_next(pte_t *e, pte_t *end)
{
	while (end - e >= 4 && !(e[0] | e[1] | e[2] | e[3]))
		e += 4;
	while (e < end && !*e)
		e++;
	return e;
}

/*
 * Visit the existing level-1 entries that are not 0 in [start, end), skipping absent
 * subtrees quickly. Stops when fn returns non-zero and returns that.
 */
int pt_for_each(pte_t *top, vaddr_t start, vaddr_t end,
		int (*fn)(pte_t *pte, vaddr_t va, void *arg), void *arg);

/* A new top-level table with the kernel's half filled in, or NULL (GFP_KERNEL). */
pte_t *pt_new(void);
/*
 * Free all user-half tables and the top itself; mapped frames are the caller's business. No CPU
 * may use it.
 */
void pt_free(pte_t *top);
/*
 * Unlink the tables that serve only [start, end) and add their frames to `list` (by frame.link).
 * Large pages stay. The caller flushes every CPU and only then puts the frames.
 */
void pt_prune(pte_t *top, vaddr_t start, vaddr_t end, struct list_head *list);

/* The kernel's own table, which idle CPUs and kernel threads may use. */
extern pte_t *kernel_pt;

/*
 * Build the kernel's final tables: direct map of all RAM in 2 MiB pages (not executable), the
 * image with W^X, all 256 kernel entries of the top level; load CR3. Removes the
 * low identity map, except what smp needs, which it maps itself. Once.
 */
void pagetable_init(void);

/* Kernel areas (KERNEL_AREA_BASE..END), each followed by an unmapped guard page. */

/*
 * Map device registers [pa, pa + size) uncached: the address, or NULL. May be called with
 * interrupts on only.
 */
void *kernel_map_device(paddr_t pa, size_t size);
/*
 * A stack of KERNEL_STACK_SIZE with a guard page below: its lowest address, or NULL.
 * kernel_stack_free() may be called from any thread not on that stack.
 */
void *kernel_stack_alloc(void);
void kernel_stack_free(void *stack);
/* True if va is in the guard page of a kernel stack (for the double-fault report). */
bool kernel_stack_guard(vaddr_t va);
/* size bytes (rounded up to pages) of virtually contiguous memory, or NULL. */
void *vmalloc(size_t size, gfp_t gfp);
void vfree(void *p);
/*
 * Called after kernel mappings changed so that stale translations vanish on all CPUs
 * [start, end). Lab 01: this CPU only; lab 02 sets it.
 */
extern void (*kernel_flush_tlb)(vaddr_t start, vaddr_t end);
/*
 * Drop what this CPU remembers of [start, end), global pages included; above some 32 pages, of
 * everything.
 */
void tlb_flush_local(vaddr_t start, vaddr_t end);
