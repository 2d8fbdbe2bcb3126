/*
 * madvise(2), mlock(2) and its kin, mincore(2), msync(2): calls that walk the areas of a range.
 * Holes in the range are reported by -ENOMEM, but only after everything else has been done.
 *
 * An attribute belongs to an area as a whole. To change it for a range, areas are split at the
 * range's ends, and afterwards merged with neighbours that have become equal again; else programs
 * that lock and unlock pages one by one would end with an area per page. That changes the tree, so
 * it needs mm->lock for writing; advice that only drops pages does with reading, beside page
 * faults.
 *
 * Locked memory: the pages are made now and counted against RLIMIT_MEMLOCK. Nothing ever takes
 * anonymous pages away, as there is no swap; but reclaim does not ask whether a file's page is
 * mapped by a locked area.
 */
#include "common/abi/mman.h"
#include "common/string.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/file.h"
#include "03-syscalls/memory/memory.h"
#include "03-syscalls/syscall.h"
#include "02-usermode/uaccess.h"

typedef int (*part_fn)(struct mm *mm, struct vm_area *a, vaddr_t from, vaddr_t to, int arg);

/*
 * Call fn for the part of each area that lies in [start, end); stops at an error. -ENOMEM if there
 * were holes. mm->lock held as fn needs it; fn may not change the tree, only areas' flags.
 */
static int for_each_part(struct mm *mm, vaddr_t start, vaddr_t end, part_fn fn, int arg)
{
	vaddr_t at = start;
	bool hole = false;

	for (struct vm_area *a = mm_find(mm, start); a && a->start < end; a = mm_next_area(a)) {
		int error;

		hole |= a->start > at;
		error = fn(mm, a, MAX(a->start, start), MIN(a->end, end), arg);
		if (error)
			return error;
		at = a->end;
	}
	return hole || at < end ? -ENOMEM : 0;
}

static int split_around(struct mm *mm, vaddr_t start, vaddr_t end)
{
	int error = mm_split_at(mm, start);

	return error ? error : mm_split_at(mm, end);
}

/* ---- madvise ---- */

/*
 * MADV_DONTNEED is no mere advice: private memory reads as zero afterwards, a file's mapping as the
 * file, and allocators rely on it. MADV_FREE may do it later, or now as here.
 */
static int drop_pages(struct mm *mm, struct vm_area *a, vaddr_t from, vaddr_t to, int advice)
{
	if (a->flags & (VM_LOCKED | VM_DEVICE))
		return -EINVAL;
	if (advice == MADV_FREE && (a->object || a->flags & VM_SHARED))
		return -EINVAL;
	mm_zap(mm, a, from, to);
	return 0;
}

/*
 * What becomes of an area in a child (fork_mm.c): it is left out, or it is there and empty, which
 * is for secrets and the state of random generators.
 */
static int set_fork_flag(struct mm *mm, struct vm_area *a, vaddr_t from, vaddr_t to, int advice)
{
	switch (advice) {
	case MADV_DONTFORK:
		a->flags |= VM_DONTFORK;
		return 0;
	case MADV_DOFORK:
		if (a->flags & VM_DEVICE)
			return -EINVAL;
		a->flags &= ~VM_DONTFORK;
		return 0;
	case MADV_WIPEONFORK:
		if (a->object || a->flags & VM_SHARED)
			return -EINVAL;
		a->flags |= VM_WIPEONFORK;
		return 0;
	default:
		a->flags &= ~VM_WIPEONFORK;
		return 0;
	}
}

static int nothing(struct mm *mm, struct vm_area *a, vaddr_t from, vaddr_t to, int arg)
{
	return 0;
}

/* Merges also after a failure, as the split may have been done. */
static int change_fork_flag(struct mm *mm, vaddr_t start, vaddr_t end, int advice)
{
	int error;

	down_write(&mm->lock);
	error = split_around(mm, start, end);
	if (!error)
		error = for_each_part(mm, start, end, set_fork_flag, advice);
	mm_merge(mm, start, end);
	up_write(&mm->lock);
	return error;
}

/*
 * Make every page of a range present, for reading or (a private copy, or a dirty page) for writing.
 * Unlike mm_populate() it stops at the first page that cannot be had: -ENOMEM for a hole, -EINVAL
 * where the protection forbids such an access.
 */
static int populate_all(struct mm *mm, vaddr_t start, vaddr_t end, u32 access)
{
	for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
		struct vm_area *a;
		struct frame *f;
		int error;

		down_read(&mm->lock);
		a = mm_find(mm, va);
		if (!a || a->start > va)
			error = -ENOMEM;
		else
			error = a->flags & VM_DEVICE || !(a->flags & access) ? -EINVAL : 0;
		up_read(&mm->lock);
		if (!error && wait_interrupted(WAIT_KILLABLE))
			error = -ERESTARTSYS;
		if (!error)
			error = mm_get_frame(mm, va, access == VM_WRITE, &f);
		if (error)
			return error;
		frame_put(f);
		cond_resched();
	}
	return 0;
}

static int advise(struct mm *mm, vaddr_t start, vaddr_t end, int advice)
{
	part_fn fn = nothing;
	int error;

	switch (advice) {
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		return change_fork_flag(mm, start, end, advice);
	case MADV_DONTNEED:
	case MADV_FREE:
		fn = drop_pages;
		break;
	case MADV_POPULATE_READ:
		return populate_all(mm, start, end, VM_READ);
	case MADV_POPULATE_WRITE:
		return populate_all(mm, start, end, VM_WRITE);
	}
	down_read(&mm->lock);
	error = for_each_part(mm, start, end, fn, advice);
	up_read(&mm->lock);
	return error;
}

SYSCALL3(28, madvise, unsigned long, addr, unsigned long, size, int, advice)
{
	if (advice == MADV_REMOVE)
		return -EOPNOTSUPP;
	if (advice < 0 || (advice > MADV_DONTNEED && advice < MADV_FREE) ||
	    advice > MADV_POPULATE_WRITE)
		return -EINVAL;
	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (size > USER_END || addr > USER_END - size)
		return size > -PAGE_SIZE || addr + size < addr ? -EINVAL : -ENOMEM;
	size = ALIGN_UP(size, PAGE_SIZE);
	return size ? advise(current->mm, addr, addr + size, advice) : 0;
}

/* ---- mlock ---- */

/* The area lies within the range, or has been split, so its flag is for all of it. */
static int set_locked(struct mm *mm, struct vm_area *a, vaddr_t from, vaddr_t to, int on)
{
	u64 pages = (to - from) >> PAGE_SHIFT;

	if (!!(a->flags & VM_LOCKED) == on)
		return 0;
	a->flags ^= VM_LOCKED;
	mm->locked_pages += on ? pages : -pages;
	return 0;
}

/* Bytes of [start, end) that are locked already and so count against no limit again. */
static u64 locked_bytes(struct mm *mm, vaddr_t start, vaddr_t end)
{
	u64 bytes = 0;

	for (struct vm_area *a = mm_find(mm, start); a && a->start < end; a = mm_next_area(a))
		if (a->flags & VM_LOCKED)
			bytes += MIN(a->end, end) - MAX(a->start, start);
	return bytes;
}

/*
 * Lock or unlock a range, which is rounded to pages. mlock has no nesting: one munlock undoes all.
 * Over the limit is ENOMEM here, EAGAIN for mmap's MAP_LOCKED (mlock(2), mmap(2)).
 */
static int lock_range(vaddr_t addr, u64 size, bool on, bool populate)
{
	struct mm *mm = current->mm;
	vaddr_t start = addr & PAGE_MASK, end = ALIGN_UP(addr + size, PAGE_SIZE);
	int error = 0;

	if (size > USER_END || addr > USER_END - size)
		return addr + size < addr ? -EINVAL : -ENOMEM;
	down_write(&mm->lock);
	if (on)
		error = mlock_check(mm, end - start - locked_bytes(mm, start, end));
	if (error == -EAGAIN)
		error = -ENOMEM;
	if (!error)
		error = split_around(mm, start, end);
	if (!error)
		error = for_each_part(mm, start, end, set_locked, on);
	mm_merge(mm, start, end);
	up_write(&mm->lock);
	return error || !populate ? error : mm_populate(mm, start, end - start);
}

SYSCALL2(149, mlock, unsigned long, addr, unsigned long, size)
{
	return lock_range(addr, size, true, true);
}

SYSCALL3(325, mlock2, unsigned long, addr, unsigned long, size, int, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return lock_range(addr, size, true, !(flags & MLOCK_ONFAULT));
}

SYSCALL2(150, munlock, unsigned long, addr, unsigned long, size)
{
	return lock_range(addr, size, false, false);
}

/* Every area, for mlockall(2) and munlockall(2). mm->lock held for writing. */
static void lock_all(struct mm *mm, bool on)
{
	for (struct vm_area *a = mm_first_area(mm); a; a = mm_next_area(a))
		if (!(a->flags & VM_DEVICE))
			set_locked(mm, a, a->start, a->end, on);
	mm_merge(mm, 0, USER_END);
}

SYSCALL1(151, mlockall, int, flags)
{
	struct mm *mm = current->mm;
	int error;

	if (!flags || flags == MCL_ONFAULT || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		return -EINVAL;
	down_write(&mm->lock);
	error = mlock_check(mm, flags & MCL_CURRENT ?
			    (mm->total_pages - mm->locked_pages) << PAGE_SHIFT : 0);
	if (!error) {
		mm->default_flags = flags & MCL_FUTURE ? VM_LOCKED : 0;
		if (flags & MCL_CURRENT)
			lock_all(mm, true);
	}
	up_write(&mm->lock);
	if (error)
		return error == -EAGAIN ? -ENOMEM : error;
	if ((flags & (MCL_CURRENT | MCL_ONFAULT)) == MCL_CURRENT)
		for (vaddr_t at = 0; at < USER_END;) {
			struct vm_area *a;
			vaddr_t start, end;

			down_read(&mm->lock);
			a = mm_find(mm, at);
			start = a ? a->start : USER_END;
			end = a ? a->end : USER_END;
			up_read(&mm->lock);
			if (a && mm_populate(mm, start, end - start) == -ERESTARTSYS)
				break;
			at = end;
		}
	return 0;
}

SYSCALL0(152, munlockall)
{
	struct mm *mm = current->mm;

	down_write(&mm->lock);
	mm->default_flags = 0;
	lock_all(mm, false);
	up_write(&mm->lock);
	return 0;
}

/* ---- mincore ---- */

/*
 * Is the page of a at va in memory, mapped or waiting in its object? mm->lock held. The answer may
 * be wrong as soon as it is given (mincore(2)).
 */
static bool resident(struct mm *mm, struct vm_area *a, vaddr_t va)
{
	struct frame *f;
	paddr_t pa;
	u64 flags;
	bool there;

	spin_lock(&mm->pt_lock);
	there = pt_translate(mm->pt, va, &pa, &flags);
	spin_unlock(&mm->pt_lock);
	if (there || !a->object || !a->object->ops->cached)
		return there;
	f = a->object->ops->cached(a->object, (a->offset + (va - a->start)) >> PAGE_SHIFT);
	if (f)
		frame_put(f);
	return f;
}

SYSCALL3(27, mincore, unsigned long, addr, unsigned long, size, u8 __user *, vec)
{
	struct mm *mm = current->mm;
	u8 buf[64];

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (size > USER_END || addr > USER_END - size)
		return -ENOMEM;
	for (vaddr_t va = addr, end = addr + size; va < end; vec += sizeof(buf)) {
		unsigned n = 0;

		down_read(&mm->lock);
		for (; n < sizeof(buf) && va < end; va += PAGE_SIZE) {
			struct vm_area *a = mm_find(mm, va);

			if (!a || a->start > va) {
				up_read(&mm->lock);
				return -ENOMEM;
			}
			buf[n++] = resident(mm, a, va);
		}
		up_read(&mm->lock);
		/* Not under mm->lock: vec may fault, and the fault takes it. */
		if (copy_to_user(vec, buf, n))
			return -EFAULT;
	}
	return 0;
}

/* ---- msync ---- */

/*
 * The first shared area with a file at or above *at, with a reference to the file; moves *at behind
 * it. NULL if there is none; ERR_PTR(-EBUSY) if MS_INVALIDATE meets locked pages first. The file is
 * written back without mm->lock, for it takes long, and may need a page of this address space; so
 * the walk finds its place again by address.
 */
static struct file *next_shared_file(struct mm *mm, vaddr_t *at, vaddr_t end, int flags, bool *hole)
{
	struct vm_area *a;

	for (a = mm_find(mm, *at); a && a->start < end; a = mm_next_area(a)) {
		if (flags & MS_INVALIDATE && a->flags & VM_LOCKED)
			return ERR_PTR(-EBUSY);
		*hole |= a->start > *at;
		*at = a->end;
		if (a->flags & VM_SHARED && a->file) {
			file_get(a->file);
			return a->file;
		}
	}
	*hole |= *at < end;
	*at = end;
	return NULL;
}

SYSCALL3(26, msync, unsigned long, addr, unsigned long, size, int, flags)
{
	struct mm *mm = current->mm;
	vaddr_t at = addr, end = addr + ALIGN_UP(size, PAGE_SIZE);
	bool hole = false;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || addr & ~PAGE_MASK ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (size > USER_END || end < addr)
		return -ENOMEM;
	while (at < end) {
		struct file *f;
		int error = 0;

		down_read(&mm->lock);
		f = next_shared_file(mm, &at, end, flags, &hole);
		up_read(&mm->lock);
		if (!f)
			break;
		if (IS_ERR(f))
			return PTR_ERR(f);
		/* MS_ASYNC only promises that it will happen, which write-back does anyway. */
		if (flags & MS_SYNC && f->ops->fsync)
			error = f->ops->fsync(f, true);
		file_put(f);
		if (error)
			return error;
	}
	return hole ? -ENOMEM : 0;
}
