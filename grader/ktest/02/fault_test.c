/*
 * Exercise 2.3: page faults in an address space that no CPU runs, looked at through its page table.
 */
#include "common/errno.h"
#include "common/ktest.h"
#include "common/trap.h"
#include "02-usermode/mm_internal.h"

#define BASE	0x10000000UL
#define PAGES	16
#define PRIVATE	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE)

static struct mm *mm;

/* An object with a frame for each page, which counts how it is asked. */
static struct {
	struct vm_object object;
	struct frame *frames[PAGES];
	int faults, write_faults, first_writes, error;
} source;

static int source_fault(struct vm_object *o, struct vm_area *a, u64 index, bool write,
			struct frame **frame)
{
	source.faults++;
	source.write_faults += write;
	if (source.error)
		return source.error;
	*frame = source.frames[index];
	frame_get(*frame);
	return 0;
}

static int source_write_fault(struct vm_object *o, struct vm_area *a, u64 index, struct frame *f)
{
	source.first_writes++;
	return source.error;
}

static const struct vm_object_ops plain_ops = { .fault = source_fault };
static const struct vm_object_ops tracking_ops = {
	.fault = source_fault, .write_fault = source_write_fault, .track_writes = true,
};

static void start(u32 flags, const struct vm_object_ops *ops)
{
	struct vm_area *a;

	mm = mm_create();
	KTEST_ASSERT(mm);
	if (ops) {
		memset(&source, 0, sizeof(source));
		vm_object_init(&source.object, ops);
		for (int i = 0; i < PAGES; i++) {
			source.frames[i] = frame_alloc(0, GFP_KERNEL, FRAME_KERNEL);
			KTEST_ASSERT(source.frames[i]);
			memset(frame_to_virt(source.frames[i]), 'a' + i, PAGE_SIZE);
		}
	}
	down_write(&mm->lock);
	a = mm_map(mm, BASE, PAGES * PAGE_SIZE, flags, ops ? &source.object : NULL, 0, NULL);
	up_write(&mm->lock);
	KTEST_ASSERT(!IS_ERR(a));
}

static void finish(void)
{
	int kept = 0;

	mm_put(mm);
	for (int i = 0; i < PAGES; i++) {
		if (!source.frames[i])
			continue;
		kept += ref_read(&source.frames[i]->refs) != 1;
		frame_put(source.frames[i]);
		source.frames[i] = NULL;
	}
	KTEST_MSG(kept == 0, "%d of the object's frames are still referenced", kept);
}

static int touch(int page, u64 access)
{
	int code;

	return mm_fault(mm, BASE + page * PAGE_SIZE, access | PF_USER, &code);
}

static pte_t pte_of(int page)
{
	pte_t *pte = pt_walk(mm->pt, BASE + page * PAGE_SIZE, false);

	return pte ? *pte : 0;
}

static struct frame *frame_of(int page)
{
	return phys_to_frame(pte_phys(pte_of(page)));
}

/* All of the page has this value. */
static bool filled(const struct frame *f, u8 value)
{
	const u8 *p = frame_to_virt(f);

	for (int i = 0; i < PAGE_SIZE; i++)
		if (p[i] != value)
			return false;
	return true;
}

/* Leave a frame full of rubbish at the head of the free list. */
static void spoil_free_memory(void)
{
	struct frame *f = frame_alloc(0, GFP_KERNEL, FRAME_KERNEL);

	if (!f)
		return;
	memset(frame_to_virt(f), 0xaa, PAGE_SIZE);
	frame_put(f);
}

KTEST(fault_write_new, "2.3", 4, "the first write to private memory maps a frame of its own, full of zeroes")
{
	struct frame *f;

	KTEST_CALL(start(PRIVATE, NULL));
	spoil_free_memory();
	KTEST_EQ(touch(3, PF_WRITE), 0);
	KTEST_ASSERT(pte_of(3) & PTE_PRESENT);
	KTEST_ASSERT(pte_of(3) & PTE_WRITE);
	KTEST_ASSERT(pte_of(3) & PTE_USER);
	f = frame_of(3);
	KTEST_ASSERT(f != zero_frame);
	KTEST_EQ(f->owner, FRAME_ANON);
	KTEST_EQ(ref_read(&f->refs), 1);
	KTEST_ASSERT(filled(f, 0));
	KTEST_EQ(pte_of(2), 0);
	KTEST_EQ(pte_of(4), 0);
	KTEST_CALL(finish());
}

KTEST(fault_read_zero, "2.3", 3, "reading untouched private memory costs no frame: it shows the page of zeroes, read-only")
{
	KTEST_CALL(start(PRIVATE, NULL));
	KTEST_EQ(touch(5, 0), 0);
	KTEST_ASSERT(frame_of(5) == zero_frame);
	KTEST_ASSERT(pte_of(5) & PTE_PRESENT);
	KTEST_ASSERT(pte_of(5) & PTE_SPECIAL);
	KTEST_ASSERT(!(pte_of(5) & PTE_WRITE));
	spoil_free_memory();
	KTEST_EQ(touch(5, PF_WRITE | PF_PRESENT), 0);	/* now it wants one of its own */
	KTEST_ASSERT(frame_of(5) != zero_frame);
	KTEST_ASSERT(pte_of(5) & PTE_WRITE);
	KTEST_ASSERT(!(pte_of(5) & PTE_SPECIAL));
	KTEST_ASSERT(filled(frame_of(5), 0));
	KTEST_ASSERT(filled(zero_frame, 0));
	KTEST_CALL(finish());
}

/* Write to a page, then make it look as after a fork: read-only. */
static void write_then_protect(int page)
{
	KTEST_EQ(touch(page, PF_WRITE), 0);
	KTEST_ASSERT(pte_of(page) & PTE_WRITE);
	memset(frame_to_virt(frame_of(page)), 0x77, PAGE_SIZE);
	*pt_walk(mm->pt, BASE + page * PAGE_SIZE, false) &= ~PTE_WRITE;
}

KTEST(fault_cow_copy, "2.3", 4, "a write to a frame that others share goes to a copy; the others keep theirs")
{
	struct frame *shared, *copy;

	KTEST_CALL(start(PRIVATE, NULL));
	KTEST_CALL(write_then_protect(1));
	shared = frame_of(1);
	frame_get(shared);			/* the other process */
	KTEST_EQ(touch(1, PF_WRITE | PF_PRESENT), 0);
	copy = frame_of(1);
	KTEST_ASSERT(copy != shared);
	KTEST_ASSERT(pte_of(1) & PTE_WRITE);
	KTEST_ASSERT(filled(copy, 0x77));
	KTEST_EQ(ref_read(&shared->refs), 1);
	KTEST_EQ(ref_read(&copy->refs), 1);
	frame_put(shared);
	KTEST_CALL(finish());
}

KTEST(fault_cow_last, "2.3", 2, "the last one who has a frame writes to it without a copy")
{
	struct frame *f;

	KTEST_CALL(start(PRIVATE, NULL));
	KTEST_CALL(write_then_protect(1));
	f = frame_of(1);
	KTEST_EQ(touch(1, PF_WRITE | PF_PRESENT), 0);
	KTEST_ASSERT(frame_of(1) == f);
	KTEST_ASSERT(pte_of(1) & PTE_WRITE);
	KTEST_EQ(ref_read(&f->refs), 1);
	KTEST_CALL(finish());
}

KTEST(fault_private_object, "2.3", 2, "private memory of an object: read-only the object's own frame, written a copy")
{
	KTEST_CALL(start(PRIVATE, &plain_ops));
	KTEST_EQ(touch(2, 0), 0);
	KTEST_ASSERT(frame_of(2) == source.frames[2]);
	KTEST_ASSERT(!(pte_of(2) & PTE_WRITE));
	KTEST_EQ(ref_read(&source.frames[2]->refs), 2);
	KTEST_EQ(touch(2, PF_WRITE | PF_PRESENT), 0);
	KTEST_ASSERT(frame_of(2) != source.frames[2]);
	KTEST_ASSERT(filled(frame_of(2), 'c'));
	KTEST_EQ(ref_read(&source.frames[2]->refs), 1);
	KTEST_EQ(touch(4, PF_WRITE), 0);	/* at once */
	KTEST_ASSERT(frame_of(4) != source.frames[4]);
	KTEST_ASSERT(pte_of(4) & PTE_WRITE);
	KTEST_ASSERT(filled(frame_of(4), 'e'));
	KTEST_EQ(source.write_faults, 0);	/* the object's own pages stay as they are */
	KTEST_CALL(finish());
}

KTEST(fault_object_part, "2.3", 1, "an area that shows an object from some page on gets the pages from there on")
{
	const vaddr_t part = BASE + 64 * PAGE_SIZE;
	struct vm_area *a;

	KTEST_CALL(start(PRIVATE, &plain_ops));
	down_write(&mm->lock);
	a = mm_map(mm, part, 4 * PAGE_SIZE, PRIVATE, &source.object, 3 * PAGE_SIZE, NULL);
	up_write(&mm->lock);
	KTEST_ASSERT(!IS_ERR(a));
	KTEST_EQ(touch(2, 0), 0);
	KTEST_ASSERT(frame_of(2) == source.frames[2]);
	KTEST_EQ(touch(64 + 2, 0), 0);
	KTEST_MSG(frame_of(64 + 2) == source.frames[5],
		  "page 2 of an area that begins at page 3 of its object is not page 5");
	KTEST_EQ(touch(64 + 1, PF_WRITE), 0);
	KTEST_ASSERT(filled(frame_of(64 + 1), 'a' + 4));
	KTEST_CALL(finish());
}

KTEST(fault_shared_object, "2.3", 3, "shared memory is the object's own frame; where writes are tracked, the first is announced")
{
	KTEST_CALL(start(PRIVATE | VM_SHARED, &plain_ops));
	KTEST_EQ(touch(1, PF_WRITE), 0);
	KTEST_ASSERT(frame_of(1) == source.frames[1]);
	KTEST_ASSERT(pte_of(1) & PTE_WRITE);
	KTEST_EQ(source.write_faults, 1);
	KTEST_CALL(finish());

	KTEST_CALL(start(PRIVATE | VM_SHARED, &tracking_ops));
	KTEST_EQ(touch(1, 0), 0);
	KTEST_ASSERT(frame_of(1) == source.frames[1]);
	KTEST_ASSERT(!(pte_of(1) & PTE_WRITE));
	KTEST_EQ(source.first_writes, 0);
	KTEST_EQ(touch(1, PF_WRITE | PF_PRESENT), 0);
	KTEST_EQ(source.first_writes, 1);
	KTEST_ASSERT(frame_of(1) == source.frames[1]);
	KTEST_ASSERT(pte_of(1) & PTE_WRITE);
	KTEST_CALL(finish());
}

KTEST(fault_errors, "2.3", 2, "what an object answers is passed on, short of memory it is ENOMEM, and nothing is mapped then")
{
	KTEST_CALL(start(PRIVATE | VM_SHARED, &tracking_ops));
	KTEST_EQ(touch(0, 0), 0);
	source.error = -EIO;
	KTEST_EQ(touch(1, 0), -EIO);
	KTEST_EQ(touch(1, PF_WRITE), -EIO);
	KTEST_EQ(pte_of(1), 0);
	KTEST_EQ(touch(0, PF_WRITE | PF_PRESENT), -EIO);
	KTEST_ASSERT(!(pte_of(0) & PTE_WRITE));
	KTEST_CALL(finish());

	KTEST_CALL(start(PRIVATE, &plain_ops));
	KTEST_EQ(touch(0, PF_WRITE), 0);
	source.error = -ENOMEM;
	KTEST_EQ(touch(1, PF_WRITE), -ENOMEM);
	KTEST_EQ(touch(1, 0), -ENOMEM);
	KTEST_EQ(pte_of(1), 0);
	source.error = 0;
	KTEST_EQ(touch(2, 0), 0);
	/* Short of memory itself: now the copy, then perhaps a table. */
	for (u64 n = 1; n <= 3; n++) {
		int error;

		alloc_fail_after(n);
		error = touch(2, PF_WRITE | PF_PRESENT);
		alloc_fail_after(0);
		if (!error)
			break;
		KTEST_EQ(error, -ENOMEM);
		KTEST_ASSERT(frame_of(2) == source.frames[2]);
	}
	KTEST_ASSERT(frame_of(2) != source.frames[2]);
	KTEST_CALL(finish());
}

KTEST(fault_no_leak, "2.3", 1, "a thousand faults of every kind give all frames back when the address space goes")
{
	u64 before = 0, after;

	for (int round = 0; round < 60; round++) {
		if (round == 10)
			before = frame_free_count();
		KTEST_CALL(start(PRIVATE, round & 1 ? &plain_ops : NULL));
		for (int i = 0; i < PAGES; i++) {
			KTEST_EQ(touch(i, i & 2 ? PF_WRITE : 0), 0);
			KTEST_EQ(touch(i, PF_WRITE | PF_PRESENT), 0);
			KTEST_ASSERT(pte_of(i) & PTE_WRITE);
		}
		KTEST_CALL(finish());
	}
	after = frame_free_count();
	KTEST_MSG(after + 40 >= before, "%lu frames are gone after 50 rounds", before - after);
}

/* What another thread's madvise() may do in the middle of a fault: the page's entry goes. */
static int unmapping_write_fault(struct vm_object *o, struct vm_area *a, u64 index, struct frame *f)
{
	mm_zap(mm, a, a->start, a->end);
	source.first_writes = ref_read(&f->refs);
	return 0;
}

KTEST(fault_write_held, "2.0", 0, "a frame that loses its entry during a write fault stays until the fault is over")
{
	static const struct vm_object_ops ops = {
		.fault = source_fault, .write_fault = unmapping_write_fault, .track_writes = true,
	};

	KTEST_CALL(start(PRIVATE | VM_SHARED, &ops));
	KTEST_EQ(touch(2, 0), 0);
	KTEST_EQ(touch(2, PF_WRITE | PF_PRESENT), 0);
	KTEST_EQ(source.first_writes, 2);	/* the object's and the fault's */
	KTEST_EQ(pte_of(2), 0);
	KTEST_CALL(finish());
}
