/*
 * EXERCISE 3.5: brk, the heap's end.
 *
 * Goal: move the end of the heap: grow it by mapping, shrink it by unmapping whole pages. Unlike
 * every other call it never returns an errno: it returns the end as it is afterwards, so on
 * failure the old one (brk(2), "C library/kernel differences").
 *
 * Invariant: [brk_start, brk) rounded up to pages is what is mapped as heap. The heap never grows
 * into another area, not even touching it: a page stays free above it. RLIMIT_DATA bounds heap and
 * data together.
 *
 * When it is wrong: malloc returns memory that is already in use (grown into an mmap area); old
 * contents reappear after shrinking and growing (not unmapped); a program that asks for too
 * much believes it got it (new end returned on failure); off by one page (rounding).
 *
 * Read first: brk(2); 02-usermode/mm.h: mm_map, mm_unmap, mm_find.
 * Tests: brk_grow, brk_shrink_zero, brk_fail_old, brk_no_overlap, brk_limit.
 */
#include "common/exercise.h"
#include "03-syscalls/memory/memory.h"
#include "03-syscalls/syscall.h"

#define HEAP_FLAGS	(VM_READ | VM_WRITE | VM_ANON_FLAGS | VM_HEAP)

/* EXERCISE 3.5 BEGIN  blank-toplevel */
static bool within_limit(const struct mm *mm, vaddr_t brk)
{
	u64 data = mm->data_end - mm->data_start;

	return mm->limit_data == ~0UL || brk - mm->brk_start + data <= mm->limit_data;
}

/* Map the pages between the old end and the new one, both rounded up: true if that worked. */
static bool grow(struct mm *mm, vaddr_t old_end, vaddr_t new_end)
{
	struct vm_area *above = mm_find(mm, old_end);

	if (new_end > USER_END - PAGE_SIZE || (above && above->start < new_end + PAGE_SIZE))
		return false;
	return !IS_ERR(mm_map(mm, old_end, new_end - old_end, HEAP_FLAGS | mm->default_flags,
			      NULL, 0, NULL));
}

/* Move the end: true if it is where it is wanted now. */
static bool set_brk(struct mm *mm, vaddr_t brk)
{
	vaddr_t old_end = ALIGN_UP(mm->brk, PAGE_SIZE), new_end = ALIGN_UP(brk, PAGE_SIZE);

	if (brk < mm->brk_start || brk > USER_END || !within_limit(mm, brk))
		return false;
	if (new_end > old_end && !grow(mm, old_end, new_end))
		return false;
	if (new_end < old_end && mm_unmap(mm, new_end, old_end - new_end))
		return false;
	return true;
}
/* EXERCISE 3.5 END */

SYSCALL1(12, brk, unsigned long, brk)
{
	struct mm *mm = current->mm;
	/* EXERCISE 3.5 BEGIN  blank: return mm->brk; */
	vaddr_t result;

	down_write(&mm->lock);
	if (set_brk(mm, brk))
		mm->brk = brk;
	result = mm->brk;
	up_write(&mm->lock);
	return result;
	/* EXERCISE 3.5 END */
}
