/* The frame allocator as a whole: real memory, reference counts, shortage, failure on demand. */
#include "01-memory/frame.h"
#include "01-memory/kmem.h"
#include "common/cpu.h"
#include "common/ktest.h"

/* Take single frames until none is left (or max), with its own address written into each. */
static u64 take_all(struct list_head *list, u64 max, bool write)
{
	u64 n = 0;

	while (n < max) {
		struct frame *f = frame_alloc(0, GFP_NOFS, FRAME_ANON);

		if (!f)
			break;
		if (write)
			*(u64 *)frame_to_virt(f) = frame_to_phys(f);
		list_add_tail(&f->link, list);
		n++;
	}
	return n;
}

static void put_all(struct list_head *list)
{
	struct frame *f, *next;

	list_for_each_entry_safe(f, next, list, link)
		frame_put(f);
	list_init(list);
}

/* More would only take time. */
#define MANY	60000

KTEST(frame_memory, "1.1", 2,
      "all memory can be handed out frame by frame and comes back in large blocks")
{
	u64 before = frame_free_count(), n;
	struct frame *large[4], *f;
	LIST_HEAD(list);

	n = take_all(&list, MANY, true);
	/* Other CPUs keep a few for themselves. */
	KTEST_ASSERT(n + (cpu_count - 1) * 64 >= MIN(before, (u64)MANY));
	KTEST_EQ(frame_free_count(), before - n);
	list_for_each_entry(f, &list, link)
		KTEST_EQ(*(u64 *)frame_to_virt(f), frame_to_phys(f));
	put_all(&list);
	KTEST_EQ(frame_free_count(), before);
	for (int i = 0; i < 4; i++) {
		large[i] = frame_alloc(MAX_ORDER, GFP_NOFS, FRAME_ANON);
		KTEST_ASSERT(large[i]);
		KTEST_ASSERT(IS_ALIGNED(frame_to_phys(large[i]), PAGE_SIZE << MAX_ORDER));
	}
	for (int i = 0; i < 4; i++)
		frame_put(large[i]);
	KTEST_EQ(frame_free_count(), before);
}

KTEST(frame_references, "1.0", 0, "a frame lives until its last reference is dropped")
{
	u64 before = frame_free_count();
	struct frame *f = frame_alloc(2, GFP_KERNEL | GFP_ZERO, FRAME_ANON);
	struct frame_stats s;

	KTEST_ASSERT(f);
	KTEST_EQ(ref_read(&f->refs), 1);
	KTEST_EQ(f->order, 2);
	KTEST_EQ(((u64 *)frame_to_virt(f))[4 * PAGE_SIZE / 8 - 1], 0);
	frame_stats(&s);
	KTEST_EQ(s.by_owner[FRAME_ANON], 4);
	frame_set_owner(f, FRAME_CACHE);
	frame_stats(&s);
	KTEST_EQ(s.by_owner[FRAME_ANON], 0);
	KTEST_EQ(s.by_owner[FRAME_CACHE], 4);
	frame_get(f);
	frame_put(f);
	KTEST_EQ(frame_free_count(), before - 4);
	frame_put(f);
	KTEST_EQ(frame_free_count(), before);
	frame_stats(&s);
	KTEST_EQ(s.by_owner[FRAME_CACHE], 0);
}

KTEST(frame_failure, "1.0", 0, "the armed allocation fails, those before and after it do not")
{
	struct frame *a, *c;
	void *p;

	kfree(kmalloc(100, GFP_KERNEL));	/* so that there is one to hand out */
	alloc_fail_after(3);
	a = frame_alloc(0, GFP_KERNEL, FRAME_ANON);
	p = kmalloc(100, GFP_KERNEL);
	KTEST_ASSERT(!alloc_failed());
	KTEST_ASSERT(!frame_alloc(0, GFP_KERNEL, FRAME_ANON));
	KTEST_ASSERT(alloc_failed());
	c = frame_alloc(0, GFP_KERNEL, FRAME_ANON);
	KTEST_ASSERT(a && p && c);
	frame_put(a);
	frame_put(c);
	alloc_fail_after(1);
	KTEST_ASSERT(!kmalloc(100, GFP_KERNEL));
	alloc_fail_after(0);
	kfree(p);
}

/* What the shrinker of the next test has to give. */
static LIST_HEAD(hoard);
static u64 hoarded;

static u64 shrink_hoard(u64 want)
{
	u64 freed = 0;

	while (freed < want && hoarded) {
		struct frame *f = list_first_entry(&hoard, struct frame, link);

		list_del(&f->link);
		frame_put(f);
		hoarded--;
		freed++;
	}
	return freed;
}
SHRINKER(99, ktest_hoard, shrink_hoard);

KTEST(frame_reclaim, "1.0", 0,
      "an allocation that may reclaim gets memory back from the shrinkers; one that may not fails")
{
	u64 before = frame_free_count();
	struct frame *f;
	LIST_HEAD(rest);

	hoarded = take_all(&hoard, 500, false);
	take_all(&rest, ~0UL, false);
	KTEST_EQ(hoarded, 500);
	KTEST_ASSERT(!frame_alloc(0, GFP_NOFS, FRAME_ANON));
	KTEST_ASSERT(!frame_alloc(0, GFP_ATOMIC, FRAME_ANON));
	f = frame_alloc(0, GFP_KERNEL, FRAME_ANON);
	KTEST_ASSERT(f);
	KTEST_ASSERT(hoarded < 500);
	frame_put(f);
	put_all(&rest);
	shrink_hoard(500);
	KTEST_ASSERT(frame_free_count() >= before);
}
