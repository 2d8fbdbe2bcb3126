/*
 * mmap(2), munmap(2), mprotect(2): arguments are checked here as on Linux, the areas are lab 02's.
 *
 * mmap makes an area and no page: memory comes with the first touch, and only the limits of the
 * address space can refuse (overcommit; Linux's heuristic against obvious excess, proc(5), is not
 * there). Pages are made at once only for MAP_POPULATE and locked memory.
 *
 * Choosing the place and making the area are one step under mm->lock, held for writing; else two
 * threads could be given one place. Populating comes after it, page by page, with the lock for
 * reading: it may take long, and what another thread unmaps meanwhile is skipped.
 */
#include "common/abi/mman.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/file.h"
#include "03-syscalls/memory/memory.h"
#include "03-syscalls/syscall.h"

#define LOW_2G		0x80000000UL	/* where MAP_32BIT ends */

__weak s64 mmap_file(struct file *f, vaddr_t addr, u64 size, u32 vm_flags, u32 map_flags,
		     u64 offset)
{
	return -ENODEV;
}

/* MAP_FIXED: make the range free. What was there goes even if the new mapping then fails. */
static s64 place_fixed(struct mm *mm, vaddr_t addr, u64 size, u32 map_flags)
{
	struct vm_area *a;
	int error;

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (!user_range_ok(addr, size) || addr + size > USER_END)
		return -ENOMEM;
	if (addr < USER_MIN)
		return -EPERM;
	if (map_flags & MAP_FIXED_NOREPLACE) {
		a = mm_find(mm, addr);
		return a && a->start < addr + size ? -EEXIST : (s64)addr;
	}
	error = mm_unmap(mm, addr, size);
	return error ? error : (s64)addr;
}

/*
 * MAP_32BIT: the search begins at 2 GiB. What mm_find_free() remembers about gaps holds for the
 * usual base only: it must neither be used here, or the result lies high up, nor be changed.
 */
static s64 place_low(struct mm *mm, vaddr_t addr, u64 size)
{
	vaddr_t base = mm->mmap_base, hint = mm->gap_hint;
	u64 skipped = mm->gap_skipped;
	s64 place;

	mm->mmap_base = MIN(base, LOW_2G);
	mm->gap_hint = 0;
	place = mm_find_free(mm, addr + size <= LOW_2G ? addr : 0, size, PAGE_SIZE);
	mm->mmap_base = base;
	mm->gap_hint = hint;
	mm->gap_skipped = skipped;
	return place;
}

s64 mmap_place(struct mm *mm, vaddr_t addr, u64 size, u32 map_flags)
{
	if (map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return place_fixed(mm, addr, size, map_flags);
	addr = ALIGN_UP(addr, PAGE_SIZE);
	if (map_flags & MAP_32BIT)
		return place_low(mm, addr, size);
	return mm_find_free(mm, addr, size, PAGE_SIZE);
}

/* 0 as limit means: nothing at all, not even for those who lock nothing yet. */
int mlock_check(struct mm *mm, u64 size)
{
	u64 limit = mm->limit_memlock;

	if (capable(CAP_IPC_LOCK))
		return 0;
	if (!limit)
		return -EPERM;
	return (mm->locked_pages << PAGE_SHIFT) + size > limit ? -EAGAIN : 0;
}

/*
 * Private writable pages are made by a write, so that the first real one finds its copy; shared
 * ones by a read, as a write would make them dirty.
 */
int mm_populate(struct mm *mm, vaddr_t start, u64 size)
{
	for (vaddr_t va = start; va < start + size; va += PAGE_SIZE) {
		struct vm_area *a;
		struct frame *f;
		bool write, skip;
		int error;

		down_read(&mm->lock);
		a = mm_find(mm, va);
		skip = !a || a->start > va || !(a->flags & VM_PROT);
		write = !skip && (a->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
		up_read(&mm->lock);
		if (skip)
			continue;
		if (wait_interrupted(WAIT_KILLABLE))
			return -ERESTARTSYS;
		error = mm_get_frame(mm, va, write, &f);
		if (error)
			return error;
		frame_put(f);
		cond_resched();
	}
	return 0;
}

/*
 * mmap's flags and protection as the area's. Anonymous memory may get any protection later; a
 * file's mapping only what the file was opened for (lab 07).
 */
static u32 area_flags(u32 prot, u32 flags)
{
	u32 vm = (prot & VM_PROT) | VM_ANON_FLAGS;

	if ((flags & MAP_TYPE) != MAP_PRIVATE)
		vm |= VM_SHARED;
	if (flags & MAP_GROWSDOWN)
		vm |= VM_GROWSDOWN;
	if (flags & MAP_NORESERVE)
		vm |= VM_NORESERVE;
	if (flags & MAP_LOCKED)
		vm |= VM_LOCKED;
	return vm;
}

/*
 * Memory without a file: the address or an error. Shared memory has an object, in which parent and
 * child find the same pages after fork; the creator's reference is dropped when the area has its
 * own.
 */
static s64 map_anonymous(struct mm *mm, vaddr_t addr, u64 size, u32 vm_flags, u32 flags)
{
	struct vm_object *object = NULL;
	struct vm_area *a;
	s64 place;

	if (vm_flags & VM_SHARED) {
		object = shared_anon_create(size);
		if (!object)
			return -ENOMEM;
	}
	down_write(&mm->lock);
	place = mmap_place(mm, addr, size, flags);
	if (place >= 0) {
		a = mm_map(mm, place, size, vm_flags, object, 0, NULL);
		if (IS_ERR(a))
			place = PTR_ERR(a);
	}
	up_write(&mm->lock);
	if (object)
		shared_anon_put(object);
	return place;
}

/*
 * What does not depend on the file: 0 or an error. MAP_SHARED_VALIDATE is MAP_SHARED that refuses
 * flags it does not know, which only files have (mmap(2)).
 */
static int check_mmap(struct mm *mm, u64 size, u32 vm_flags, u32 flags, bool anonymous)
{
	u32 type = flags & MAP_TYPE;

	if (type != MAP_PRIVATE && type != MAP_SHARED && (type != MAP_SHARED_VALIDATE || anonymous))
		return -EINVAL;
	if (flags & MAP_GROWSDOWN && vm_flags & VM_SHARED)
		return -EINVAL;
	if (flags & MAP_HUGETLB)
		return -ENOMEM;		/* the pool of huge pages is empty */
	return vm_flags & VM_LOCKED ? mlock_check(mm, size) : 0;
}

static s64 map_fd(int fd, vaddr_t addr, u64 size, u32 vm_flags, u32 flags, u64 offset)
{
	struct file *f = fd_get(fd);
	s64 place;

	if (!f)
		return -EBADF;
	place = mmap_file(f, addr, size, vm_flags, flags, offset);
	file_put(f);
	return place;
}

SYSCALL6(9, mmap, unsigned long, addr, unsigned long, size, unsigned long, prot,
	 unsigned long, flags, int, fd, unsigned long, offset)
{
	struct mm *mm = current->mm;
	u32 vm_flags = area_flags(prot, flags) | mm->default_flags;
	s64 place;
	int error;

	if (offset & ~PAGE_MASK || size == 0)
		return -EINVAL;
	if (size > USER_END)
		return -ENOMEM;
	size = ALIGN_UP(size, PAGE_SIZE);
	if (offset + size < offset)
		return -EOVERFLOW;
	error = check_mmap(mm, size, vm_flags, flags, flags & MAP_ANONYMOUS);
	if (error)
		return error;
	if (flags & MAP_ANONYMOUS)
		place = map_anonymous(mm, addr, size, vm_flags, flags);
	else
		place = map_fd(fd, addr, size, vm_flags, flags, offset);
	if (place >= 0 && (flags & (MAP_POPULATE | MAP_LOCKED) || mm->default_flags) &&
	    !(flags & MAP_NONBLOCK))
		mm_populate(mm, place, size);
	return place;
}

SYSCALL2(11, munmap, unsigned long, addr, unsigned long, size)
{
	struct mm *mm = current->mm;
	int error;

	if (addr & ~PAGE_MASK || size == 0 || size > USER_END || addr > USER_END - size)
		return -EINVAL;
	error = down_write_killable(&mm->lock);
	if (error)
		return error;
	error = mm_unmap(mm, addr, ALIGN_UP(size, PAGE_SIZE));
	up_write(&mm->lock);
	return error;
}

/*
 * PROT_GROWSDOWN: the change reaches down to the start of the growing area, wherever page faults
 * have moved it: that is how a C library makes the main stack executable.
 */
static int extend_down(struct mm *mm, vaddr_t *start, vaddr_t end)
{
	struct vm_area *a = mm_find(mm, *start);

	if (!a || a->start >= end)
		return -ENOMEM;
	if (!(a->flags & VM_GROWSDOWN))
		return -EINVAL;
	*start = a->start;
	return 0;
}

SYSCALL3(10, mprotect, unsigned long, addr, unsigned long, size, unsigned long, prot)
{
	struct mm *mm = current->mm;
	bool grows = prot & PROT_GROWSDOWN;
	vaddr_t start = addr;
	int error = 0;

	if (addr & ~PAGE_MASK || prot & PROT_GROWSUP)
		return -EINVAL;
	prot &= ~(unsigned long)PROT_GROWSDOWN;
	if (size == 0)
		return 0;
	size = ALIGN_UP(size, PAGE_SIZE);
	if (size == 0 || addr + size < addr)
		return -ENOMEM;
	if (prot & ~(unsigned long)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (addr + size > USER_END)
		return -ENOMEM;
	down_write(&mm->lock);
	if (grows)
		error = extend_down(mm, &start, addr + size);
	if (!error)
		error = mm_protect(mm, start, addr + size - start, prot & VM_PROT);
	up_write(&mm->lock);
	return error;
}
