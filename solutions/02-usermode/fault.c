/*
 * Exercise 2.3: filling pages.
 *
 * Goal: fault_fill() makes a missing page present, fault_write() serves the first write to a page
 * that is mapped read-only (contracts in mm_internal.h). mm_fault() in fault_entry.c
 * has already found the area and checked that the access is allowed.
 * Invariants: a frame is mapped writable only where a write cannot be seen by anybody who
 * should not see it: private memory that no other entry maps, or shared memory whose object has
 * agreed. Each entry that counts a frame holds one reference to it; while fault_write() runs its
 * caller holds one more, so that the frame stays. The zero page is never written.
 * Symptoms when wrong: a child sees its parent's later writes (copy forgotten); memory runs out after
 * a few thousand forks (reference kept); programs see old data of others (page not cleared).
 * Reading: mm.h; SDM vol. 3, 4.7 (page-fault exceptions); struct vm_object_ops.
 */
#include "common/exercise.h"
#include "common/string.h"
#include "02-usermode/mm_internal.h"

/* EXERCISE 2.3 BEGIN  blank-toplevel */
static u64 page_index(const struct vm_area *a, vaddr_t addr)
{
	return (a->offset + (addr - a->start)) >> PAGE_SHIFT;
}

/* In place of the page of zeroes that was good enough for reading. */
static int install_zeroes(struct mm *mm, struct vm_area *a, vaddr_t addr, pte_t old)
{
	struct frame *f = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_ANON);

	if (!f)
		return -ENOMEM;
	return fault_install(mm, addr, old, f, area_pte_flags(a->flags) | PTE_WRITE | PTE_DIRTY);
}

/* Private memory without an object: zeroes. A read is content with the shared page of them. */
static int fill_anonymous(struct mm *mm, struct vm_area *a, vaddr_t addr, bool write)
{
	u64 flags = area_pte_flags(a->flags) | PTE_SPECIAL;

	if (!write)
		return fault_install(mm, addr, 0, zero_frame, flags);
	return install_zeroes(mm, a, addr, 0);
}

/* A private copy of what is at src, in place of the entry old. */
static int install_copy(struct mm *mm, struct vm_area *a, vaddr_t addr, pte_t old, const void *src)
{
	struct frame *copy = frame_alloc(0, GFP_KERNEL, FRAME_ANON);

	if (!copy)
		return -ENOMEM;
	copy_page(frame_to_virt(copy), src);
	return fault_install(mm, addr, old, copy,
			     area_pte_flags(a->flags) | PTE_WRITE | PTE_DIRTY);
}

static int fill_private_object(struct mm *mm, struct vm_area *a, vaddr_t addr, bool write)
{
	struct frame *f;
	int error = a->object->ops->fault(a->object, a, page_index(a, addr), false, &f);

	if (error)
		return error;
	if (!write)
		return fault_install(mm, addr, 0, f, area_pte_flags(a->flags));
	error = install_copy(mm, a, addr, 0, frame_to_virt(f));
	frame_put(f);
	return error;
}

static int fill_shared(struct mm *mm, struct vm_area *a, vaddr_t addr, bool write)
{
	u64 flags = area_pte_flags(a->flags);
	struct frame *f;
	int error = a->object->ops->fault(a->object, a, page_index(a, addr), write, &f);

	if (error)
		return error;
	/* Where writes are tracked, a page that is only read must trap on its first write. */
	if ((a->flags & VM_WRITE) && (write || !a->object->ops->track_writes))
		flags |= PTE_WRITE;
	return fault_install(mm, addr, 0, f, flags);
}
/* EXERCISE 2.3 END */

int fault_fill(struct mm *mm, struct vm_area *a, vaddr_t addr, bool write)
{
	/* EXERCISE 2.3 BEGIN  blank: return -EFAULT; */
	if (a->flags & VM_SHARED)
		return fill_shared(mm, a, addr, write);
	if (a->object)
		return fill_private_object(mm, a, addr, write);
	return fill_anonymous(mm, a, addr, write);
	/* EXERCISE 2.3 END */
}

int fault_write(struct mm *mm, struct vm_area *a, vaddr_t addr, pte_t old)
{
	/* EXERCISE 2.3 BEGIN  blank: return -EFAULT; */
	struct frame *f = phys_to_frame(pte_phys(old));

	if (a->flags & VM_SHARED) {
		int error = 0;

		if (a->object->ops->write_fault)
			error = a->object->ops->write_fault(a->object, a, page_index(a, addr), f);
		return error ? error : fault_make_writable(mm, addr, old);
	}
	if (old & PTE_SPECIAL)
		return install_zeroes(mm, a, addr, old);
	if (f->owner == FRAME_ANON && ref_read(&f->refs) == 2)
		return fault_make_writable(mm, addr, old);	/* we are the last: no copy */
	return install_copy(mm, a, addr, old, frame_to_virt(f));
	/* EXERCISE 2.3 END */
}
