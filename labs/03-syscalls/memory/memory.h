/* Between the memory calls of this lab, for exec, and for lab 07's file mappings. */
#pragma once

#include "02-usermode/mm.h"
#include "02-usermode/process.h"

/* What mmap gives private memory besides its protection. */
#define VM_ANON_FLAGS	(VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

/*
 * Where a mapping of size bytes goes: addr itself with MAP_FIXED (what was there is unmapped) or
 * MAP_FIXED_NOREPLACE, else addr if it is free, else any place. mm->lock held for writing. The
 * address, or -EINVAL, -EPERM (below what may be mapped), -ENOMEM, -EEXIST.
 */
s64 mmap_place(struct mm *mm, vaddr_t addr, u64 size, u32 map_flags);

/*
 * Make [start, start + size) present, for MAP_POPULATE and mlock: 0 or the first error. Lock not
 * held.
 */
int mm_populate(struct mm *mm, vaddr_t start, u64 size);

/*
 * A new object of zeroes for MAP_SHARED | MAP_ANONYMOUS, size in bytes; lives while areas map it.
 * NULL if short.
 */
struct vm_object *shared_anon_create(u64 size);
/* Drop the creator's reference, after mapping it (or failing to). */
void shared_anon_put(struct vm_object *o);

/*
 * Whether `size` bytes more may be locked in memory: 0, -EPERM or -EAGAIN (the caller's choice of
 * errno differs).
 */
int mlock_check(struct mm *mm, u64 size);
