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

SYSCALL1(12, brk, unsigned long, brk)
{
	struct mm *mm = current->mm;
	/* EXERCISE 3.5: your code here. */
	exercise_blank("3.5");
	return mm->brk;
}
