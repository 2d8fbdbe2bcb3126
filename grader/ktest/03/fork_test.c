/*
 * Exercise 3.2 from inside: what mm_clone() does to page tables and reference counts. The address
 * spaces here are never run, so their pages are touched with mm_access().
 */
#include "../02/helpers.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/memory/memory.h"

#define BASE		0x10000000UL
#define PAGES		8
#define RW		(VM_READ | VM_WRITE | VM_ANON_FLAGS)

/* An address space with PAGES pages at BASE, of which all but the last hold their number. */
static struct mm *make_mm(struct vm_object *object)
{
	struct mm *mm = mm_create();
	struct vm_area *a;

	if (!mm)
		return NULL;
	down_write(&mm->lock);
	a = mm_map(mm, BASE, PAGES * PAGE_SIZE, object ? RW | VM_SHARED : RW, object, 0, NULL);
	up_write(&mm->lock);
	for (u64 i = 0; !IS_ERR(a) && i < PAGES - 1; i++)
		mm_access(mm, BASE + i * PAGE_SIZE, &i, sizeof(i), true);
	return mm;
}

static u64 peek(struct mm *mm, u64 page)
{
	u64 v = ~0UL;

	mm_access(mm, BASE + page * PAGE_SIZE, &v, sizeof(v), false);
	return v;
}

static void poke(struct mm *mm, u64 page, u64 v)
{
	mm_access(mm, BASE + page * PAGE_SIZE, &v, sizeof(v), true);
}

/* The entry of a page, 0 if it has none. */
static pte_t entry(struct mm *mm, u64 page)
{
	pte_t *pte = pt_walk(mm->pt, BASE + page * PAGE_SIZE, false);

	return pte ? *pte : 0;
}

static struct frame *frame_at(struct mm *mm, u64 page)
{
	return phys_to_frame(pte_phys(entry(mm, page)));
}

static void check_shared_frames(struct mm *parent, struct mm *child)
{
	for (u64 i = 0; i < PAGES - 1; i++) {
		KTEST_MSG(frame_at(parent, i) == frame_at(child, i),
			  "page %lu: expected the same frame in parent and child", i);
		KTEST_EQ(ref_read(&frame_at(child, i)->refs), 2);
		KTEST_MSG(!(entry(parent, i) & PTE_WRITE),
			  "page %lu is still writable in the parent", i);
		KTEST_MSG(!(entry(child, i) & PTE_WRITE), "page %lu is writable in the child", i);
	}
	KTEST_EQ(entry(child, PAGES - 1), 0);
	KTEST_EQ(child->anon_pages, PAGES - 1);
}

static void check_copy_on_write(struct mm *parent, struct mm *child)
{
	struct frame *shared = frame_at(parent, 2);

	poke(child, 2, 99);
	KTEST_EQ(peek(parent, 2), 2);
	KTEST_EQ(peek(child, 2), 99);
	KTEST_ASSERT(frame_at(child, 2) != shared);
	KTEST_EQ(ref_read(&shared->refs), 1);
	poke(parent, 2, 77);
	KTEST_MSG(frame_at(parent, 2) == shared,
		  "the last owner of a frame should write to it, not copy");
	KTEST_EQ(peek(child, 2), 99);
}

KTEST(fork_cow_frames, "3.2", 2,
      "after fork both page tables share the frames, read-only and counted, until someone writes")
{
	struct mm *parent = make_mm(NULL), *child;
	struct frame *f;

	KTEST_ASSERT(parent);
	child = mm_clone(parent);
	KTEST_ASSERT(!IS_ERR(child));
	check_shared_frames(parent, child);
	if (!ktest_failed())
		check_copy_on_write(parent, child);
	f = frame_at(parent, 1);
	mm_put(child);
	if (!ktest_failed() && ref_read(&f->refs) != 1)
		ktest_fail(__FILE__, __LINE__,
			   "after the child's end: expected 1 reference, got %d",
			   ref_read(&f->refs));
	mm_put(parent);
}

KTEST(fork_shared_object, "3.2", 2, "a shared area stays writable and shows both the same frames")
{
	struct vm_object *o = shared_anon_create(PAGES * PAGE_SIZE);
	struct mm *parent = make_mm(o), *child;

	shared_anon_put(o);
	KTEST_ASSERT(parent);
	child = mm_clone(parent);
	KTEST_ASSERT(!IS_ERR(child));
	poke(child, 3, 33);
	KTEST_EQ(peek(parent, 3), 33);
	poke(parent, PAGES - 1, 44);
	KTEST_EQ(peek(child, PAGES - 1), 44);
	mm_put(child);
	mm_put(parent);
}

KTEST(fork_nomem, "3.2", 3, "a fork that runs out of memory says ENOMEM, and nothing is lost")
{
	struct mm *parent = make_mm(NULL), *child = NULL;
	u64 failures = 0, before;

	KTEST_ASSERT(parent);
	child = mm_clone(parent);		/* fills the caches, and is the positive twin */
	KTEST_ASSERT(!IS_ERR(child));
	mm_put(child);
	for (u64 n = 1; n < 100; n++) {
		before = frame_free_count();
		alloc_fail_after(n);
		child = mm_clone(parent);
		alloc_fail_after(0);
		if (!IS_ERR(child)) {
			mm_put(child);
			break;
		}
		KTEST_EQ(PTR_ERR(child), -ENOMEM);
		KTEST_EQ(ref_read(&frame_at(parent, 0)->refs), 1);
		/* The caches may keep a slab; a leak of tables or copies would add up. */
		KTEST_MSG(frame_free_count() + 2 >= before,
			  "allocation %lu failed: %lu frames lost", n, before - frame_free_count());
		failures++;
	}
	KTEST_ASSERT(failures >= 4);
	for (u64 i = 0; i < PAGES - 1; i++)
		KTEST_EQ(peek(parent, i), i);
	mm_put(parent);
}
/* what write_through_old_entry() found: 0, or the round of a lost write */
static int flush_error;

/*
 * In a process: a write fills this CPU's TLB with a writable entry; after mm_clone() the next write
 * must fault and go to a copy. Nothing between them switches the address space, which would flush
 * too.
 */
static void write_through_old_entry(void *arg)
{
	struct mm *mm = current->mm, *child;
	struct vm_area *a;
	u64 got = 0;

	flush_error = -1;
	down_write(&mm->lock);
	a = mm_map(mm, BASE, PAGE_SIZE, RW, NULL, 0, NULL);
	up_write(&mm->lock);
	for (u64 round = 1; !IS_ERR(a) && round <= 5; round++) {
		if (put_user(round, (u64 __user *)BASE))
			break;
		child = mm_clone(mm);
		if (IS_ERR(child) || put_user(1000UL, (u64 __user *)BASE))
			break;
		mm_access(child, BASE, &got, sizeof(got), false);
		mm_put(child);
		flush_error = got == round ? 0 : round;
		if (flush_error)
			break;
	}
	thread_exit(0);
}

KTEST(fork_flush, "3.2", 2, "after fork no CPU writes by an old translation: the TLB is flushed")
{
	KTEST_CALL(in_process(write_through_old_entry, NULL));
	KTEST_MSG(flush_error >= 0, "the process or its copy could not be made");
	KTEST_MSG(flush_error == 0,
		  "round %d: what the parent wrote after the fork, the child sees: the CPU still "
		  "had the writable translation",
		  flush_error);
}
KTEST(fork_areas, "3.2", 1, "a child has the parent's areas, but not locked; the page of zeroes is shared without being counted")
{
	struct mm *parent = make_mm(NULL), *child;
	int zero_refs = ref_read(&zero_frame->refs);
	struct vm_area *a, *b;

	KTEST_ASSERT(parent);
	peek(parent, PAGES - 1);
	a = mm_find(parent, BASE);
	a->flags |= VM_LOCKED;
	child = mm_clone(parent);
	KTEST_ASSERT(!IS_ERR(child));
	b = mm_find(child, BASE);
	KTEST_ASSERT(b && b->start == a->start && b->end == a->end && b->offset == a->offset);
	KTEST_EQ(b->flags, a->flags & ~VM_LOCKED);
	KTEST_MSG(entry(child, PAGES - 1) & PTE_SPECIAL,
		  "the page of zeroes that the parent has read is not the child's");
	KTEST_EQ(ref_read(&zero_frame->refs), zero_refs);
	KTEST_EQ(child->anon_pages, PAGES - 1);
	a->flags &= ~VM_LOCKED;
	mm_put(child);
	mm_put(parent);
	KTEST_EQ(ref_read(&zero_frame->refs), zero_refs);
}
