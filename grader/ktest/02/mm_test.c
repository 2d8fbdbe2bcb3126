/*
 * Address spaces: mapping, splitting, protecting, finding room, stacks (mm.h). No exercise owns
 * them; the faults are those of exercise 2.3.
 */
#include "common/errno.h"
#include "common/printk.h"
#include "common/trap.h"
#include "helpers.h"
#include "02-usermode/mm_internal.h"
#include "02-usermode/uaccess.h"

#define BASE	0x20000000UL
#define AT(page)	(BASE + (page) * PAGE_SIZE)
#define RW	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE)

static struct mm *mm;

static void start(void)
{
	mm = mm_create();
	KTEST_ASSERT(mm);
	mm->mmap_base = 0x70000000;
}

static int unmap(vaddr_t start, u64 size)
{
	int error;

	down_write(&mm->lock);
	error = mm_unmap(mm, start, size);
	up_write(&mm->lock);
	return error;
}

static int protect(vaddr_t start, u64 size, u32 prot)
{
	int error;

	down_write(&mm->lock);
	error = mm_protect(mm, start, size, prot);
	up_write(&mm->lock);
	return error;
}

static struct vm_area *map_at(vaddr_t start, u64 size, u32 flags, struct vm_object *o, u64 offset)
{
	struct vm_area *a;

	down_write(&mm->lock);
	a = mm_map(mm, start, size, flags, o, offset, NULL);
	up_write(&mm->lock);
	return a;
}

static int map(int page, int pages, u32 flags)
{
	return IS_ERR(map_at(AT(page), pages * PAGE_SIZE, flags, NULL, 0)) ? -1 : 0;
}

static int map_object(int page, int pages, u32 flags, struct vm_object *o, u64 offset)
{
	return IS_ERR(map_at(AT(page), pages * PAGE_SIZE, flags, o, offset)) ? -1 : 0;
}

/* All areas go, with their pages. */
static void finish(void)
{
	KTEST_EQ(unmap(0, USER_END), 0);
	KTEST_EQ(mm->area_count, 0);
	KTEST_EQ(mm->total_pages, 0);
	KTEST_EQ(mm->data_pages, 0);
	KTEST_EQ(mm->stack_pages, 0);
	KTEST_EQ(mm->anon_pages, 0);
	mm_put(mm);
}

/* 0, or 100 * errno - si_code. */
static int touch(vaddr_t addr, u64 access)
{
	int code = 0, error = mm_fault(mm, addr, access | PF_USER, &code);

	return error ? error * 100 - code : 0;
}

static pte_t pte_at(int page)
{
	pte_t *pte = pt_walk(mm->pt, AT(page), false);

	return pte ? *pte : 0;
}

/* The areas as a text: "0-4rw 6-8r" in pages from BASE. */
static const char *areas(void)
{
	static char text[256];
	size_t n = 0;

	text[0] = '\0';
	for (struct vm_area *a = mm_first_area(mm); a; a = mm_next_area(a))
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%ld-%ld%s%s%s", n ? " " : "",
				      (long)(a->start - BASE) / (long)PAGE_SIZE,
				      (long)(a->end - BASE) / (long)PAGE_SIZE,
				      a->flags & VM_READ ? "r" : "", a->flags & VM_WRITE ? "w" : "",
				      a->flags & VM_EXEC ? "x" : "");
	return text;
}

KTEST(mm_merge, "2.0", 0, "neighbours that are equal become one area, others do not")
{
	KTEST_CALL(start());
	KTEST_EQ(map(0, 2, RW), 0);
	KTEST_EQ(map(4, 2, RW), 0);
	KTEST_STREQ(areas(), "0-2rw 4-6rw");
	KTEST_EQ(map(2, 2, RW), 0);
	KTEST_STREQ(areas(), "0-6rw");
	KTEST_EQ(map(6, 1, VM_READ), 0);
	KTEST_STREQ(areas(), "0-6rw 6-7r");
	KTEST_EQ(mm->area_count, 2);
	KTEST_EQ(mm->total_pages, 7);
	KTEST_EQ(mm->data_pages, 6);
	KTEST_CALL(finish());
}

KTEST(mm_merge_object, "2.0", 0, "neighbours that show an object in order become one area, others do not")
{
	static const struct vm_object_ops no_ops;
	struct vm_object o;

	vm_object_init(&o, &no_ops);
	KTEST_CALL(start());
	KTEST_EQ(map_object(0, 2, RW, &o, 0), 0);
	KTEST_EQ(map_object(2, 2, RW, &o, 2 * PAGE_SIZE), 0);
	KTEST_STREQ(areas(), "0-4rw");
	KTEST_EQ(map_object(4, 1, RW, &o, 6 * PAGE_SIZE), 0);
	KTEST_EQ(map_object(6, 1, RW, &o, 0), 0);
	KTEST_STREQ(areas(), "0-4rw 4-5rw 6-7rw");
	KTEST_EQ(protect(AT(1), PAGE_SIZE, VM_READ), 0);
	KTEST_STREQ(areas(), "0-1rw 1-2r 2-4rw 4-5rw 6-7rw");
	KTEST_EQ(protect(AT(1), PAGE_SIZE, VM_READ | VM_WRITE), 0);
	KTEST_STREQ(areas(), "0-4rw 4-5rw 6-7rw");
	KTEST_CALL(finish());
	KTEST_ASSERT(list_empty(&o.areas));
}

/* Fill the address space with single pages, every second one free, and look for room. */
KTEST(mm_find_room, "2.0", 0, "the highest gap that is large enough is found, whatever came and went")
{
	s64 at, below;

	KTEST_CALL(start());
	mm->mmap_base = AT(64);
	for (int i = 63; i > 0; i -= 2)
		KTEST_EQ(map(i, 1, RW), 0);
	at = mm_find_free(mm, 0, 2 * PAGE_SIZE, PAGE_SIZE);
	KTEST_EQ(at, AT(-1));
	KTEST_EQ(map(-1, 2, VM_READ), 0);
	below = mm_find_free(mm, 0, 2 * PAGE_SIZE, PAGE_SIZE);
	KTEST_EQ(below, AT(-3));
	KTEST_EQ(mm_find_free(mm, 0, PAGE_SIZE, PAGE_SIZE), AT(62));
	KTEST_EQ(map(62, 1, VM_READ), 0);
	KTEST_EQ(mm_find_free(mm, 0, PAGE_SIZE, PAGE_SIZE), AT(60));
	KTEST_EQ(mm_find_free(mm, 0, 2 * PAGE_SIZE, PAGE_SIZE), AT(-3));
	KTEST_EQ(unmap(AT(21), PAGE_SIZE), 0);
	KTEST_EQ(mm_find_free(mm, 0, 3 * PAGE_SIZE, PAGE_SIZE), AT(20));
	KTEST_EQ(map(20, 3, VM_READ), 0);
	KTEST_EQ(mm_find_free(mm, 0, 2 * PAGE_SIZE, PAGE_SIZE), AT(-3));
	KTEST_EQ(unmap(AT(63), PAGE_SIZE), 0);
	KTEST_EQ(mm_find_free(mm, 0, PAGE_SIZE, PAGE_SIZE), AT(63));
	KTEST_CALL(finish());
}

KTEST(mm_unmap_middle, "2.0", 0, "unmapping the middle splits the area, frees the pages and leaves the others")
{
	struct frame *f;

	KTEST_CALL(start());
	KTEST_EQ(map(0, 8, RW), 0);
	for (int i = 0; i < 8; i++)
		KTEST_EQ(touch(AT(i), PF_WRITE), 0);
	KTEST_EQ(mm->anon_pages, 8);
	f = phys_to_frame(pte_phys(pte_at(4)));
	frame_get(f);
	KTEST_EQ(unmap(AT(3), 2 * PAGE_SIZE), 0);
	KTEST_STREQ(areas(), "0-3rw 5-8rw");
	KTEST_EQ(ref_read(&f->refs), 1);
	frame_put(f);
	KTEST_EQ(mm->anon_pages, 6);
	for (int i = 0; i < 8; i++)
		KTEST_EQ(!!pte_at(i), i < 3 || i > 4);
	KTEST_EQ(touch(AT(4), 0), -EFAULT * 100 - 1);	/* SEGV_MAPERR */
	KTEST_EQ(touch(AT(5), PF_WRITE), 0);
	KTEST_CALL(finish());
}

KTEST(mm_unmap_many, "2.0", 0, "one unmap goes over several areas and holes; of nothing it does nothing")
{
	KTEST_CALL(start());
	KTEST_EQ(map(0, 3, RW), 0);
	KTEST_EQ(map(4, 1, VM_READ), 0);
	KTEST_EQ(map(6, 3, RW), 0);
	KTEST_EQ(unmap(AT(20), 4 * PAGE_SIZE), 0);
	KTEST_EQ(unmap(AT(3), PAGE_SIZE), 0);
	KTEST_STREQ(areas(), "0-3rw 4-5r 6-9rw");
	KTEST_EQ(unmap(AT(2), 5 * PAGE_SIZE), 0);
	KTEST_STREQ(areas(), "0-2rw 7-9rw");
	KTEST_ASSERT(!mm_find(mm, AT(9)));
	KTEST_EQ(mm_find(mm, AT(2))->start, AT(7));
	KTEST_EQ(mm_find(mm, AT(1))->start, AT(0));
	KTEST_CALL(finish());
}

KTEST(mm_protect_middle, "2.0", 0, "mprotect of the middle splits, takes the permission from the pages, and merges when undone")
{
	KTEST_CALL(start());
	KTEST_EQ(map(0, 6, RW), 0);
	for (int i = 0; i < 6; i++)
		KTEST_EQ(touch(AT(i), PF_WRITE), 0);
	KTEST_EQ(protect(AT(2), 2 * PAGE_SIZE, VM_READ), 0);
	KTEST_STREQ(areas(), "0-2rw 2-4r 4-6rw");
	for (int i = 0; i < 6; i++)
		KTEST_EQ(!!(pte_at(i) & PTE_WRITE), i < 2 || i > 3);
	KTEST_EQ(touch(AT(2), PF_WRITE | PF_PRESENT), -EFAULT * 100 - 2);	/* SEGV_ACCERR */
	KTEST_EQ(protect(AT(2), 2 * PAGE_SIZE, VM_READ | VM_WRITE), 0);
	KTEST_STREQ(areas(), "0-6rw");
	KTEST_EQ(touch(AT(2), PF_WRITE | PF_PRESENT), 0);
	KTEST_ASSERT(pte_at(2) & PTE_WRITE);
	KTEST_EQ(mm->anon_pages, 6);
	KTEST_EQ(mm->data_pages, 6);
	KTEST_CALL(finish());
}

KTEST(mm_protect_stripes, "2.0", 0, "mprotect of many areas with different permissions leaves a single one")
{
	KTEST_CALL(start());
	for (int i = 0; i < 9; i++)
		KTEST_EQ(map(i, 1, RW & ~(i & 1 ? VM_WRITE : 0)), 0);
	KTEST_EQ(mm->area_count, 9);
	KTEST_EQ(protect(AT(0), 9 * PAGE_SIZE, VM_READ), 0);
	KTEST_STREQ(areas(), "0-9r");
	KTEST_CALL(finish());
}

KTEST(mm_protect_none, "2.0", 0, "pages without any permission cannot be touched, and keep their contents")
{
	struct frame *f;

	KTEST_CALL(start());
	KTEST_EQ(map(0, 2, RW), 0);
	KTEST_EQ(touch(AT(0), PF_WRITE), 0);
	f = phys_to_frame(pte_phys(pte_at(0)));
	memset(frame_to_virt(f), 0x42, PAGE_SIZE);
	KTEST_EQ(protect(AT(0), 2 * PAGE_SIZE, 0), 0);
	KTEST_ASSERT(!(pte_at(0) & PTE_PRESENT));
	KTEST_EQ(touch(AT(0), 0), -EFAULT * 100 - 2);
	KTEST_EQ(touch(AT(1), PF_WRITE), -EFAULT * 100 - 2);
	KTEST_EQ(protect(AT(0), 2 * PAGE_SIZE, VM_READ), 0);
	KTEST_ASSERT(pte_at(0) & PTE_PRESENT);
	KTEST_ASSERT(phys_to_frame(pte_phys(pte_at(0))) == f);
	KTEST_EQ(*(u8 *)frame_to_virt(f), 0x42);
	KTEST_CALL(finish());
}

KTEST(mm_protect_errors, "2.0", 0, "mprotect of a hole is ENOMEM, of a read-only file shared for writing EACCES")
{
	KTEST_CALL(start());
	KTEST_EQ(map(0, 2, RW), 0);
	KTEST_EQ(map(3, 2, RW), 0);
	KTEST_EQ(protect(AT(0), 2 * PAGE_SIZE, VM_READ), 0);
	KTEST_EQ(protect(AT(0), 5 * PAGE_SIZE, VM_READ | VM_WRITE), -ENOMEM);
	KTEST_EQ(protect(AT(4), 2 * PAGE_SIZE, VM_READ), -ENOMEM);
	KTEST_EQ(protect(AT(8), PAGE_SIZE, VM_READ), -ENOMEM);
	KTEST_EQ(map(8, 1, VM_SHARED | VM_READ | VM_MAYREAD), 0);
	KTEST_EQ(protect(AT(8), PAGE_SIZE, VM_READ), 0);
	KTEST_EQ(protect(AT(8), PAGE_SIZE, VM_READ | VM_WRITE), -EACCES);
	KTEST_CALL(finish());
}

KTEST(mm_room, "2.0", 0, "free room is found from the top down, in the gaps, or where the hint says")
{
	KTEST_CALL(start());
	mm->mmap_base = AT(10);
	KTEST_EQ(mm_find_free(mm, 0, 2 * PAGE_SIZE, PAGE_SIZE), AT(8));
	KTEST_EQ(map(8, 2, RW), 0);
	KTEST_EQ(map(4, 2, VM_READ), 0);
	KTEST_EQ(mm_find_free(mm, 0, 2 * PAGE_SIZE, PAGE_SIZE), AT(6));
	KTEST_EQ(mm_find_free(mm, 0, 3 * PAGE_SIZE, PAGE_SIZE), AT(1));
	KTEST_EQ(mm_find_free(mm, AT(30), 3 * PAGE_SIZE, PAGE_SIZE), AT(30));
	KTEST_EQ(mm_find_free(mm, AT(7), PAGE_SIZE, PAGE_SIZE), AT(7));
	KTEST_EQ(mm_find_free(mm, AT(7), 2 * PAGE_SIZE, PAGE_SIZE), AT(6));
	KTEST_EQ(mm_find_free(mm, 0, PAGE_SIZE, 4 * PAGE_SIZE), AT(0));
	KTEST_EQ(mm_find_free(mm, 0, 0, PAGE_SIZE), -ENOMEM);
	KTEST_EQ(mm_find_free(mm, 0, AT(10), PAGE_SIZE), -ENOMEM);
	KTEST_EQ(mm_find_free(mm, 0, ~0UL & PAGE_MASK, PAGE_SIZE), -ENOMEM);
	KTEST_CALL(finish());
}

KTEST(mm_limits, "2.0", 0, "the limits of address space and data are kept")
{
	KTEST_CALL(start());
	mm->limit_as = 10 * PAGE_SIZE;
	mm->limit_data = 4 * PAGE_SIZE;
	KTEST_EQ(map(0, 4, RW), 0);
	KTEST_EQ(map(4, 1, RW), -1);
	KTEST_EQ(map(4, 6, VM_READ), 0);
	KTEST_EQ(map(20, 1, VM_READ), -1);
	KTEST_EQ(unmap(AT(9), PAGE_SIZE), 0);
	KTEST_EQ(map(20, 1, VM_READ), 0);
	KTEST_CALL(finish());
}

KTEST(mm_stack_grows, "2.0", 0, "a stack grows on faults below it, to its limit, and keeps away from what is below")
{
	vaddr_t top = AT(4096), far = top - 600 * PAGE_SIZE;
	struct vm_area *a;

	KTEST_CALL(start());
	mm->limit_stack = 1000 * PAGE_SIZE;
	a = map_at(top - PAGE_SIZE, PAGE_SIZE, RW | VM_GROWSDOWN, NULL, 0);
	KTEST_ASSERT(!IS_ERR(a));
	KTEST_EQ(touch(top - 3 * PAGE_SIZE + 8, PF_WRITE), 0);
	KTEST_EQ(a->start, top - 3 * PAGE_SIZE);
	KTEST_EQ(touch(top - 1000 * PAGE_SIZE - 8, PF_WRITE), -EFAULT * 100 - 1);
	KTEST_EQ(a->start, top - 3 * PAGE_SIZE);
	/* Something 600 pages below the top: within 256 pages of it the stack does not go. */
	KTEST_ASSERT(!IS_ERR(map_at(far - PAGE_SIZE, PAGE_SIZE, RW, NULL, 0)));
	KTEST_EQ(touch(far + 255 * PAGE_SIZE, PF_WRITE), -EFAULT * 100 - 1);
	KTEST_EQ(touch(far + 256 * PAGE_SIZE, PF_WRITE), 0);
	KTEST_EQ(a->start, far + 256 * PAGE_SIZE);
	KTEST_EQ(mm->stack_pages, 600 - 256);
	KTEST_CALL(finish());
}

/* ---- objects ---- */

static int opened, closed;

static int no_fault(struct vm_object *o, struct vm_area *a, u64 index, bool write,
		    struct frame **frame)
{
	return -EIO;
}

static void open(struct vm_area *a)
{
	opened++;
}

static void close(struct vm_area *a)
{
	closed++;
}

static const struct vm_object_ops object_ops = { .fault = no_fault, .open = open, .close = close };

static bool lists(struct vm_object *o, vaddr_t start, u64 offset)
{
	struct vm_area *a;

	list_for_each_entry(a, &o->areas, object_link)
		if (a->start == start && a->offset == offset)
			return true;
	return false;
}

KTEST(mm_object_split, "2.0", 0, "an object knows all areas that map it, with their offsets, also after a split")
{
	struct vm_object o;

	vm_object_init(&o, &object_ops);
	opened = closed = 0;
	KTEST_CALL(start());
	KTEST_ASSERT(!IS_ERR(map_at(AT(0), 8 * PAGE_SIZE, RW | VM_SHARED, &o, 5 * PAGE_SIZE)));
	KTEST_EQ(unmap(AT(3), PAGE_SIZE), 0);
	KTEST_STREQ(areas(), "0-3rw 4-8rw");
	KTEST_ASSERT(lists(&o, AT(0), 5 * PAGE_SIZE));
	KTEST_ASSERT(lists(&o, AT(4), 9 * PAGE_SIZE));
	KTEST_EQ(opened - closed, 2);
	KTEST_EQ(touch(AT(0), 0), -EIO * 100 - 2);	/* SIGBUS, BUS_ADRERR */
	KTEST_EQ(protect(AT(5), PAGE_SIZE, VM_READ), 0);
	KTEST_ASSERT(lists(&o, AT(6), 11 * PAGE_SIZE));
	KTEST_EQ(opened - closed, 4);
	KTEST_CALL(finish());
	KTEST_EQ(opened, closed);
	KTEST_ASSERT(list_empty(&o.areas));
}

/* ---- the TLBs of several CPUs ---- */

static bool unmapped, reader_ready;
static int reads;

/* The other thread: reads the page until it is gone; when the unmap is over it must be gone. */
static void read_until_gone(void *arg)
{
	u64 value;

	for (;;) {
		bool gone = READ_ONCE(unmapped);
		bool failed = get_user(value, (u64 __user *)BASE) != 0;

		if (!failed && value != 0x1234)
			ktest_fail(__FILE__, __LINE__, "the page holds %#lx", value);
		if (gone && !failed)
			ktest_fail(__FILE__, __LINE__, "a page is still there after munmap()");
		if (gone || failed)
			break;
		reads++;
		WRITE_ONCE(reader_ready, true);
		cond_resched();
	}
	thread_exit(0);
}

static void unmap_while_read(void *arg)
{
	struct mm *own = current->mm;
	struct thread *t;
	u64 value = 0x1234;
	int error;

	unmapped = reader_ready = false;
	down_write(&own->lock);
	mm_map(own, BASE, PAGE_SIZE, RW, NULL, 0, NULL);
	up_write(&own->lock);
	if (put_user(value, (u64 __user *)BASE))
		ktest_fail(__FILE__, __LINE__, "put_user failed");
	t = clone_here(NULL);
	if (IS_ERR(t)) {
		ktest_fail(__FILE__, __LINE__, "clone: error %ld", PTR_ERR(t));
		thread_exit(0);
	}
	thread_begin(t, read_until_gone, NULL);
	if (!eventually(READ_ONCE(reader_ready)))
		ktest_fail(__FILE__, __LINE__, "the other thread does not run");
	down_write(&own->lock);
	error = mm_unmap(own, BASE, PAGE_SIZE);
	up_write(&own->lock);
	WRITE_ONCE(unmapped, true);
	if (error)
		ktest_fail(__FILE__, __LINE__, "mm_unmap: error %d", error);
	thread_exit(0);
}

KTEST(tlb_unmap, "2.0", 0, "when an unmap returns no CPU sees the page any more")
{
	for (int i = 0; i < 50; i++)
		KTEST_CALL(in_process(unmap_while_read, NULL));
}
