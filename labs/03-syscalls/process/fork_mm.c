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
	/* EXERCISE 3.2: your code here. */
	exercise_blank("3.2");
	(void)copy_layout;
	mm_put(child);
	return ERR_PTR(-ENOSYS);
}
