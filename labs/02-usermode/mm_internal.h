/*
 * Between the files that make up address spaces in this lab.
 */
#pragma once

#include "02-usermode/mm.h"

void mm_init(void);
void area_cache_init(void);
/* An area that is in no tree yet (NULL: no memory), and putting it there; for fork. */
struct vm_area *area_alloc(struct mm *mm, vaddr_t start, vaddr_t end, u32 flags,
			   struct vm_object *object, u64 offset, struct file *file);
void vm_area_insert(struct mm *mm, struct vm_area *a);
/* Unmap everything; nobody runs the mm any more. */
void mm_destroy_areas(struct mm *mm);
/* Memory is about to come back from an address space that nobody uses any more. */
bool mm_any_dying(void);
/* Make every CPU that merely borrows mm's tables give them up. Interrupts on. */
void mm_leave_cpus(struct mm *mm);
/* On a CPU asked to flush: true if it really runs mm; a borrower leaves instead. Interrupts off. */
bool mm_flush_or_leave(struct mm *mm);

/*
 * Clear the entries of [start, end) into the batch, flushing as it fills; a is the area they lie
 * in.
 */
void zap_range(struct tlb_batch *b, struct vm_area *a, vaddr_t start, vaddr_t end);

/*
 * Page-table flags for a page of the area: permissions without PTE_WRITE; PTE_PRESENT unless it may
 * not be touched at all.
 */
u64 area_pte_flags(u32 vm_flags);

/*
 * Exercise 2.3 (fault.c): make the page at addr present. mm->lock is held for reading; addr is
 * page-aligned, in a, and the access allowed.
 */
int fault_fill(struct mm *mm, struct vm_area *a, vaddr_t addr, bool write);
/*
 * A write to a page that is mapped read-only in a writable area: copy-on-write, first write to
 * shared. The caller has a reference to the frame that old counts, so that it stays; the entry's
 * own is another.
 */
int fault_write(struct mm *mm, struct vm_area *a, vaddr_t addr, pte_t old);

/*
 * Install a page if the entry still is `old`: 0 (done, or somebody else was faster: then the frame
 * is put), -ENOMEM. Consumes the reference.
 */
int fault_install(struct mm *mm, vaddr_t addr, pte_t old, struct frame *f, u64 flags);

/* Set PTE_WRITE if the entry still is `old`. Returns 0. */
int fault_make_writable(struct mm *mm, vaddr_t addr, pte_t old);

void tlb_flush_kernel(vaddr_t start, vaddr_t end);
