/*
 * Mapping files into memory (mmap(2)). A mapping is an area whose object is the file's page
 * cache: nothing is read here, the page faults do it. All who map a file, run it or read it see
 * the same frames; a private mapping gets a copy of a page when it writes to it (lab 02's
 * copy-on-write).
 */
#include "common/abi/mman.h"
#include "common/abi/mount.h"
#include "03-syscalls/memory/memory.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"

/* What MAP_SHARED_VALIDATE accepts: the flags that existed before it. */
#define KNOWN_FLAGS	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN |		\
			 MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE |		\
			 MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | 0x1fu << 26)

/*
 * Map the device f, which arranges the area itself: 0 or errno. mm->lock is held for writing,
 * the range is free.
 */
static int map_device(struct mm *mm, struct file *f, vaddr_t place, u64 size, u32 vm_flags,
		      u64 offset)
{
	struct vm_area *a = mm_map(mm, place, size, vm_flags, NULL, offset, f);
	int err;

	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	err = f->ops->mmap(f, a);
	if (err)
		mm_unmap(mm, place, size);
	return err;
}

/*
 * Exercise 7.2, first part: may f be mapped like this?
 *
 * Goal: 0, with the area's flags in *vm_flags, which come with VM_READ, VM_WRITE and VM_EXEC as
 * asked for, VM_SHARED, and all of VM_MAYREAD, VM_MAYWRITE, VM_MAYEXEC; or an errno:
 *	-EACCES		the file is not open for reading; a shared mapping asks for VM_WRITE and the
 *			file is not open for writing
 *	-EPERM		VM_EXEC on a mount with MS_NOEXEC
 *	-ENODEV		the file can neither give an object nor map itself (a pipe, a directory)
 *	-EINVAL		VM_GROWSDOWN
 *	-EOVERFLOW	the end, offset + size, is beyond the largest file (LLONG_MAX)
 *	-EOPNOTSUPP	MAP_SHARED_VALIDATE with a flag that is not in KNOWN_FLAGS
 * Invariant: what is refused here cannot be had by mprotect(2) later: VM_MAYWRITE goes from a
 * shared mapping of a file not open for writing, VM_MAYEXEC from one on a MS_NOEXEC mount. A
 * private mapping may always be written.
 * Symptom when wrong: a program without the right to write to a file changes it.
 * Read: mmap(2), ERRORS; struct file_ops in 03-syscalls/file.h.
 * Tests: mmap_access, mmap_mprotect, mmap_errors.
 */
static int check_file(struct file *f, u64 size, u32 *vm_flags, u32 map_flags, u64 offset)
{
	/* EXERCISE 7.2 BEGIN  blank: return -ENODEV; */
	if ((map_flags & MAP_TYPE) == MAP_SHARED_VALIDATE && (map_flags & ~(u32)KNOWN_FLAGS))
		return -EOPNOTSUPP;
	if (offset + size > INT64_MAX)
		return -EOVERFLOW;
	if ((*vm_flags & VM_SHARED) && !FILE_WRITABLE(f)) {
		if (*vm_flags & VM_WRITE)
			return -EACCES;
		*vm_flags &= ~(u32)VM_MAYWRITE;
	}
	if (!FILE_READABLE(f))
		return -EACCES;
	if (f->mount && (f->mount->flags & MS_NOEXEC)) {
		if (*vm_flags & VM_EXEC)
			return -EPERM;
		*vm_flags &= ~(u32)VM_MAYEXEC;
	}
	if (!f->ops->object && !f->ops->mmap)
		return -ENODEV;
	return *vm_flags & VM_GROWSDOWN ? -EINVAL : 0;
	/* EXERCISE 7.2 END */
}

/* May it be mapped so, also as far as the file's seals go (memfd_create(2))? Like check_file(). */
static int may_map(struct file *f, u64 size, u32 *vm_flags, u32 map_flags, u64 offset)
{
	u32 seals = f->inode ? inode_seals(f->inode) : 0;
	int err = check_file(f, size, vm_flags, map_flags, offset);

	if (err || !(*vm_flags & VM_SHARED) || !(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)))
		return err;
	*vm_flags &= ~(u32)VM_MAYWRITE;
	return *vm_flags & VM_WRITE ? -EPERM : 0;
}

/*
 * Exercise 7.2, second part: map it.
 *
 * Goal: choose the place by mmap_place(), which frees it for MAP_FIXED, and put an area there:
 * by map_device() if the file has an mmap operation, else over the file's object. Return the
 * address or an errno.
 * Invariants: mm->lock is held for writing from choosing the place until the area is there. An
 * object may be missing (NULL: -ENODEV). The area takes its own reference to the file.
 * Symptom when wrong: "error while loading shared libraries"; two threads that get the same
 * address.
 * Read: map_anonymous() in 03-syscalls/memory/mman.c does the same without a file; mm_map() in
 * 02-usermode/mm.h.
 * Tests: mmap_private, mmap_shared, mmap_offset, mmap_tail, mmap_file_fixed, mmap_close.
 */
s64 mmap_file(struct file *f, vaddr_t addr, u64 size, u32 vm_flags, u32 map_flags, u64 offset)
{
	int err = may_map(f, size, &vm_flags, map_flags, offset);
	/* EXERCISE 7.2 BEGIN  blank: (void)map_device; return err ? err : -ENODEV; */
	struct mm *mm = current->mm;
	struct vm_object *object = NULL;
	struct vm_area *a;
	s64 place;

	if (err)
		return err;
	if (!f->ops->mmap) {
		object = f->ops->object(f);
		if (!object || IS_ERR(object))
			return object ? PTR_ERR(object) : -ENODEV;
	}
	down_write(&mm->lock);
	place = mmap_place(mm, addr, size, map_flags);
	if (place < 0) {
		err = (int)place;
	} else if (f->ops->mmap) {
		err = map_device(mm, f, (vaddr_t)place, size, vm_flags, offset);
	} else {
		a = mm_map(mm, (vaddr_t)place, size, vm_flags, object, offset, f);
		err = IS_ERR(a) ? (int)PTR_ERR(a) : 0;
	}
	up_write(&mm->lock);
	return err ? err : place;
	/* EXERCISE 7.2 END */
}
