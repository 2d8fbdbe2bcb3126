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

int fault_fill(struct mm *mm, struct vm_area *a, vaddr_t addr, bool write)
{
	/* EXERCISE 2.3: your code here. */
	exercise_blank("2.3");
	return -EFAULT;
}

int fault_write(struct mm *mm, struct vm_area *a, vaddr_t addr, pte_t old)
{
	/* EXERCISE 2.3: your code here. */
	exercise_blank("2.3");
	return -EFAULT;
}
