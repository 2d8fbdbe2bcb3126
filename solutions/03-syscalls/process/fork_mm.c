/*
 * EXERCISE 3.2: copying an address space for fork, without copying memory.
 *
 * Goal: give the child the same areas as the parent, and let its page tables point to the same
 * frames. Private pages that the parent may write lose that permission in both, so that the
 * first writer faults and gets a copy (exercise 2.3 does that). Shared pages stay as they are.
 *
 * Invariant: a frame's count is the number of page-table entries that point to it (plus
 * whoever else holds it): each copied entry takes a reference. Entries with PTE_SPECIAL (the zero
 * page, device memory) are not counted. Before the child runs, no CPU that runs the parent may
 * keep an old, writable translation in its TLB. Out of memory leaves nothing behind.
 *
 * When it is wrong: parent and child see each other's variables (write permission left, or TLB not
 * flushed: then only sometimes, and only what was written just before); "use of freed memory" or
 * random crashes after exit (reference not taken); memory shrinks with each fork (not given back
 * when the clone fails); a shared mapping stops being shared (write permission taken).
 *
 * Read first: 02-usermode/mm.h and mm_internal.h; 01-memory/pagetable.h (pt_for_each, pt_walk);
 * fault.c of lab 02; Bach, The Design of the UNIX Operating System, 9.2.
 * Tests: fork_cow_frames, fork_cow_values, fork_shared_memory, fork_flush, fork_flush_smp.
 */
#include "common/exercise.h"
#include "03-syscalls/file.h"
#include "02-usermode/mm_internal.h"

#define COPY_BATCH	2048	/* entries copied before others get a chance at the locks */

struct copy {
	struct mm *child;
	bool shared;		/* the area is: entries stay writable */
	bool protected;		/* some entry of the parent lost its write permission */
	pte_t *leaf;		/* the child's table that maps leaf_base and what follows */
	vaddr_t leaf_base;
	vaddr_t resume;		/* where the next batch begins */
	int budget;		/* of entries in this batch */
};

/*
 * The child's entry for va; consecutive ones mostly lie in the same table. No table of the child's
 * is freed while fork works on it, so the pointer stays good over batches and areas.
 */
static __unused pte_t *child_entry(struct copy *c, vaddr_t va)
{
	vaddr_t base = ALIGN_DOWN(va, LARGE_PAGE_SIZE);

	if (c->leaf && c->leaf_base == base)
		return c->leaf + PT_INDEX(va, 1);
	c->leaf = pt_walk(c->child->pt, base, true);
	c->leaf_base = base;
	return c->leaf ? c->leaf + PT_INDEX(va, 1) : NULL;
}

/* EXERCISE 3.2 BEGIN  blank-toplevel */
/*
 * One entry: 0, 1 (the batch is full) or -ENOMEM. Both pt_locks are held: the parent's, as other
 * threads and reclaim change its entries; the child's, as its areas can be found through their
 * objects already.
 */
static int copy_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct copy *c = arg;
	struct frame *f = *pte & PTE_SPECIAL ? NULL : phys_to_frame(pte_phys(*pte));
	pte_t *to = child_entry(c, va);

	if (!to)
		return -ENOMEM;
	if (!c->shared && *pte & PTE_WRITE) {
		*pte &= ~PTE_WRITE;
		c->protected = true;
	}
	*to = *pte;
	if (f) {
		frame_get(f);
		if (f->owner == FRAME_CACHE)
			c->child->file_pages++;
		else
			c->child->anon_pages++;
	}
	c->resume = va + PAGE_SIZE;
	return --c->budget ? 0 : 1;
}

/*
 * Copy the entries of one area: 0 or -ENOMEM. In batches, as an address space may have a million of
 * them and spinlocks keep interrupts off.
 */
static int copy_entries(struct copy *c, struct mm *parent, const struct vm_area *a)
{
	int result;

	c->shared = a->flags & VM_SHARED;
	c->resume = a->start;
	do {
		c->budget = COPY_BATCH;
		spin_lock(&parent->pt_lock);
		spin_lock_nested(&c->child->pt_lock);
		result = pt_for_each(parent->pt, c->resume, a->end, copy_pte, c);
		spin_unlock(&c->child->pt_lock);
		spin_unlock(&parent->pt_lock);
	} while (result > 0);
	return result;
}

/*
 * Give the child an area like a, and its pages: 0 or -ENOMEM. The area is in its object's list
 * before an entry is copied, and there behind the parent's: whoever takes a page out of all
 * mappings (truncation, reclaim) comes to the parent first, and so misses no copy that is made
 * meanwhile.
 */
static int copy_area(struct copy *c, struct mm *parent, const struct vm_area *a)
{
	struct vm_area *new;

	if (a->flags & VM_DONTFORK)
		return 0;
	new = area_alloc(c->child, a->start, a->end, a->flags & ~VM_LOCKED, a->object, a->offset,
			 a->file);
	if (!new)
		return -ENOMEM;
	vm_area_insert(c->child, new);
	/* What only shows a file's pages comes back by page faults, if the child ever looks at it. */
	if (a->flags & VM_WIPEONFORK || (a->object && !(a->flags & (VM_SHARED | VM_COPIED))))
		return 0;
	return copy_entries(c, parent, a);
}
/* EXERCISE 3.2 END */

/*
 * Everything in struct mm that is not memory: the layout, the limits, the program's file. Not
 * default_flags: a child inherits neither locks nor mlockall's MCL_FUTURE (mlock(2)).
 */
static void copy_layout(struct mm *to, const struct mm *from)
{
	to->mmap_base = from->mmap_base;
	to->brk_start = from->brk_start;
	to->brk = from->brk;
	to->stack_top = from->stack_top;
	to->code_start = from->code_start;
	to->code_end = from->code_end;
	to->data_start = from->data_start;
	to->data_end = from->data_end;
	to->arg_start = from->arg_start;
	to->arg_end = from->arg_end;
	to->env_start = from->env_start;
	to->env_end = from->env_end;
	to->vdso = from->vdso;
	for (int i = 0; i < from->auxv_words; i++)
		to->auxv[i] = from->auxv[i];
	to->auxv_words = from->auxv_words;
	to->limit_as = from->limit_as;
	to->limit_data = from->limit_data;
	to->limit_stack = from->limit_stack;
	to->limit_memlock = from->limit_memlock;
	to->exe = from->exe;
	to->free_exe = from->free_exe;
	if (to->exe)
		file_get(to->exe);
}

struct mm *mm_clone(struct mm *parent)
{
	struct mm *child = mm_create();

	if (!child)
		return ERR_PTR(-ENOMEM);
	/* EXERCISE 3.2 BEGIN  blank: (void)copy_layout; mm_put(child); return ERR_PTR(-ENOSYS); */
	struct copy c = { .child = child };
	struct vm_area *a;
	int error = 0;

	/*
	 * For writing, though only entries change: no page fault of another thread may make an
	 * entry writable, or present, behind the walk.
	 */
	down_write(&parent->lock);
	copy_layout(child, parent);
	for (a = mm_first_area(parent); a && !error; a = mm_next_area(a))
		error = copy_area(&c, parent, a);
	/*
	 * Also after a failure: some entries of the parent are read-only by then. One flush for
	 * all.
	 */
	if (c.protected)
		tlb_flush_range(parent, 0, USER_END);
	up_write(&parent->lock);
	if (error) {
		mm_put(child);
		return ERR_PTR(error);
	}
	return child;
	/* EXERCISE 3.2 END */
}
