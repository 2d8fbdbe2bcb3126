/*
 * mremap(2): a mapping grows, shrinks or moves, and its contents go along: page-table entries are
 * moved, not bytes. A mapping grows in place when the memory behind it is free. realloc() of large
 * blocks is built on this: a gigabyte moves in the time of its page tables.
 *
 * mm->lock is held for writing all the time, so no fault sees a page in neither place or in both.
 * The new area is made first, then the entries move, then the old area goes: until the entries
 * move, a failure only has to take the new area away.
 */
#include "common/abi/mman.h"
#include "03-syscalls/memory/memory.h"
#include "03-syscalls/syscall.h"

struct move {
	struct mm *mm;
	s64 delta;		/* from old to new address */
	struct tlb_batch batch;
};

/*
 * All tables for [start, start + size), so that moving entries cannot fail half-way: some pages at
 * the old place and some at the new one could not be explained to anybody.
 */
static int make_tables(struct mm *mm, vaddr_t start, u64 size)
{
	vaddr_t va = ALIGN_DOWN(start, LARGE_PAGE_SIZE);
	int error = 0;

	for (; va < start + size && !error; va += LARGE_PAGE_SIZE) {
		spin_lock(&mm->pt_lock);
		if (!pt_walk(mm->pt, va, true))
			error = -ENOMEM;
		spin_unlock(&mm->pt_lock);
	}
	return error;
}

/*
 * The frame's reference moves along, so the batch gets no frame to drop. Only the old address is
 * flushed: nothing was mapped at the new one.
 */
static int move_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct move *m = arg;

	*pt_walk(m->mm->pt, va + m->delta, false) = *pte;
	*pte = 0;
	tlb_batch_add(&m->batch, va, NULL);
	return 0;
}

/*
 * Nobody may be on the way through the mappings of the object meanwhile: the new area may have
 * become part of a neighbour that he has passed already, and in the old one he would find nothing.
 * Nor before the flush: he would flush the new address and free the page, which a CPU may still
 * reach by the old one.
 */
static void move_entries(struct mm *mm, vaddr_t from, vaddr_t to, u64 size,
			 struct vm_object *object)
{
	struct move m = { .mm = mm, .delta = to - from };

	tlb_batch_init(&m.batch, mm);
	if (object)
		down_write(&object->lock);
	spin_lock(&mm->pt_lock);
	pt_for_each(mm->pt, from, from + size, move_pte, &m);
	spin_unlock(&mm->pt_lock);
	tlb_batch_flush(&m.batch);
	if (object)
		up_write(&object->lock);
}

/* A description of the old mapping that outlives its area. */
struct old {
	vaddr_t start;
	u64 size;
	u32 flags;
	struct vm_object *object;
	struct file *file;
	u64 offset;		/* at start */
};

/*
 * Move to [to, to + new_size), which is free. keep (MREMAP_DONTUNMAP): the old area stays, empty.
 */
static s64 move_mapping(struct mm *mm, const struct old *o, vaddr_t to, u64 new_size, bool keep)
{
	struct vm_area *a = mm_map(mm, to, new_size, o->flags, o->object, o->offset, o->file);
	u64 moved = MIN(o->size, new_size);
	int error;

	if (IS_ERR(a))
		return PTR_ERR(a);
	error = make_tables(mm, to, moved);
	if (error) {
		mm_unmap(mm, to, new_size);
		return error;
	}
	move_entries(mm, o->start, to, moved, o->object);
	if (!keep)
		mm_unmap(mm, o->start, o->size);
	return to;
}

/*
 * Grow where it is: the address, or -ENOMEM if something is in the way. The new area is like the
 * old one and follows it in the object, so that mm_map() merges the two.
 */
static s64 grow_in_place(struct mm *mm, const struct old *o, u64 new_size)
{
	vaddr_t end = o->start + o->size;
	struct vm_area *next = mm_find(mm, end), *a;

	if (end + (new_size - o->size) > USER_END ||
	    (next && next->start < o->start + new_size))
		return -ENOMEM;
	a = mm_map(mm, end, new_size - o->size, o->flags, o->object,
		   o->offset + o->size, o->file);
	return IS_ERR(a) ? PTR_ERR(a) : (s64)o->start;
}

/*
 * Describe the mapping at [addr, addr + size), of which the first `whole` bytes must lie in one
 * area: 0, -EFAULT, -EINVAL.
 */
static int describe(struct mm *mm, vaddr_t addr, u64 size, u64 whole, struct old *o)
{
	struct vm_area *a = mm_find(mm, addr);

	if (!a || a->start > addr || a->end - addr < whole)
		return -EFAULT;
	if (size == 0)
		return -EINVAL;
	*o = (struct old){ addr, size, a->flags, a->object, a->file,
			   a->object ? a->offset + (addr - a->start) : 0 };
	return 0;
}

/* MREMAP_FIXED: what is at `to` goes, as with mmap; old and new place must not overlap. */
static s64 remap_fixed(struct mm *mm, const struct old *o, u64 new_size, vaddr_t to, bool keep)
{
	int error;

	if (to & ~PAGE_MASK || !user_range_ok(to, new_size) || to + new_size > USER_END)
		return -EINVAL;
	if (to < o->start + o->size && o->start < to + new_size)
		return -EINVAL;
	error = mm_unmap(mm, to, new_size);
	return error ? error : move_mapping(mm, o, to, new_size, keep);
}

/*
 * Shorter is done where it is; longer too if the memory behind is free; else the mapping moves, if
 * it may. `to` is a wish only with MREMAP_DONTUNMAP, which always moves. mm->lock held for writing.
 */
static s64 remap(struct mm *mm, const struct old *o, u64 new_size, u64 flags, vaddr_t to)
{
	bool keep = flags & MREMAP_DONTUNMAP;
	s64 place;
	int error;

	if (flags & MREMAP_FIXED)
		return remap_fixed(mm, o, new_size, to, keep);
	if (new_size <= o->size && !keep) {
		error = new_size < o->size ?
			mm_unmap(mm, o->start + new_size, o->size - new_size) : 0;
		return error ? error : (s64)o->start;
	}
	if (!keep) {
		place = grow_in_place(mm, o, new_size);
		if (place >= 0 || !(flags & MREMAP_MAYMOVE))
			return place;
	}
	place = mm_find_free(mm, keep ? to : 0, new_size, PAGE_SIZE);
	return place < 0 ? place : move_mapping(mm, o, place, new_size, keep);
}

SYSCALL5(25, mremap, unsigned long, addr, unsigned long, old_size, unsigned long, new_size,
	 unsigned long, flags, unsigned long, to)
{
	struct mm *mm = current->mm;
	struct old o;
	u64 whole;
	s64 result;

	if (flags & ~(unsigned long)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (flags & MREMAP_DONTUNMAP && old_size != new_size)
		return -EINVAL;
	if (addr & ~PAGE_MASK || new_size == 0 || new_size > USER_END || old_size > USER_END)
		return -EINVAL;
	old_size = ALIGN_UP(old_size, PAGE_SIZE);
	new_size = ALIGN_UP(new_size, PAGE_SIZE);
	down_write(&mm->lock);
	/* What is merely made shorter may be several areas. */
	whole = new_size < old_size && !(flags & MREMAP_FIXED) ? PAGE_SIZE : MIN(old_size, new_size);
	result = describe(mm, addr, old_size, whole, &o);
	if (!result && o.flags & VM_LOCKED && new_size > old_size)
		result = mlock_check(mm, new_size - old_size);
	if (!result)
		result = remap(mm, &o, new_size, flags, to);
	up_write(&mm->lock);
	if (result > 0 && o.flags & VM_LOCKED && new_size > old_size)
		mm_populate(mm, result + old_size, new_size - old_size);
	return result;
}
