/* Exercise 1.6: areas of kernel addresses; then what is made of them. */
#include "01-memory/area.h"
#include "01-memory/pagetable.h"
#include "common/boot_info.h"
#include "common/errno.h"
#include "common/ktest.h"

#define BASE	0xffffd00000000000UL
#define PAGES(n)	((n) * PAGE_SIZE)

static struct area_space space;
static struct area a[6];

/* Enter areas of these many pages; 0 ends the list. */
static void start(u64 space_pages, const u8 *pages)
{
	space = (struct area_space){ RB_ROOT, BASE, BASE + PAGES(space_pages) };
	memset(a, 0, sizeof(a));
	for (int i = 0; pages[i]; i++) {
		a[i].size = PAGES(pages[i]);
		KTEST_EQ(area_insert(&space, &a[i]), 0);
	}
}

KTEST(area_guards, "1.6", 4,
      "areas lie one after the other from the bottom, with an unused page between them")
{
	KTEST_CALL(start(100, (u8[]){ 4, 1, 10, 0 }));
	KTEST_EQ(a[0].start, BASE + PAGES(1));
	KTEST_EQ(a[1].start, BASE + PAGES(6));
	KTEST_EQ(a[2].start, BASE + PAGES(8));
	KTEST_EQ(a[2].size, PAGES(10));
}

KTEST(area_gaps, "1.6", 3,
      "the lowest gap that holds the area and its guard page is used again, a smaller one is not")
{
	KTEST_CALL(start(100, (u8[]){ 2, 4, 2, 5, 2, 0 }));
	area_remove(&space, &a[1]);
	area_remove(&space, &a[3]);
	a[5].size = PAGES(5);			/* fits into the second gap only */
	KTEST_EQ(area_insert(&space, &a[5]), 0);
	KTEST_EQ(a[5].start, BASE + PAGES(12));
	a[1].size = PAGES(4);			/* fits the first gap exactly */
	KTEST_EQ(area_insert(&space, &a[1]), 0);
	KTEST_EQ(a[1].start, BASE + PAGES(4));
	a[3].size = PAGES(1);			/* at the end now */
	KTEST_EQ(area_insert(&space, &a[3]), 0);
	KTEST_EQ(a[3].start, BASE + PAGES(21));
}

KTEST(area_limit, "1.6", 1,
      "when no gap is large enough area_insert() says -ENOMEM; the last page stays free as a guard")
{
	KTEST_CALL(start(20, (u8[]){ 8, 0 }));
	a[1].size = PAGES(10);
	KTEST_EQ(area_insert(&space, &a[1]), -ENOMEM);
	a[1].size = ~0UL & PAGE_MASK;
	KTEST_EQ(area_insert(&space, &a[1]), -ENOMEM);
	a[1].size = PAGES(9);
	KTEST_EQ(area_insert(&space, &a[1]), 0);
	KTEST_EQ(a[1].start + a[1].size, BASE + PAGES(19));
	a[2].size = PAGES(1);
	KTEST_EQ(area_insert(&space, &a[2]), -ENOMEM);
}

KTEST(area_lookup, "1.6", 2, "area_find() finds each area by its start, and nothing else")
{
	KTEST_CALL(start(1000, (u8[]){ 3, 1, 4, 1, 5, 9, 0 }));
	for (int i = 0; i < ARRAY_SIZE(a); i++) {
		KTEST_ASSERT(area_find(&space, a[i].start) == &a[i]);
		KTEST_ASSERT(!area_find(&space, a[i].start + a[i].size));
		KTEST_ASSERT(!area_find(&space, a[i].start - PAGE_SIZE));
	}
	KTEST_ASSERT(!area_find(&space, a[2].start + PAGE_SIZE));
	area_remove(&space, &a[2]);
	KTEST_ASSERT(!area_find(&space, a[2].start));
	KTEST_ASSERT(area_find(&space, a[3].start) == &a[3]);
}

KTEST(area_users, "1.0", 0,
      "stacks, vmalloc() and device maps have guard pages and give everything back")
{
	u64 before, n = 40 * PAGE_SIZE;
	u8 *stack, *wide;
	volatile u32 *apic;
	u64 flags = 0;
	paddr_t pa = 0;

	vfree(vmalloc(n, GFP_KERNEL));		/* page tables that stay, and warm stocks */
	before = frame_free_count();
	wide = vmalloc(n - 5, GFP_KERNEL | GFP_ZERO);
	KTEST_ASSERT(wide);
	for (u64 i = 0; i < n; i++)
		KTEST_EQ(wide[i], 0);
	KTEST_ASSERT(pt_translate(kernel_pt, (u64)wide, NULL, &flags));
	KTEST_EQ(flags & (PTE_WRITE | PTE_NX | PTE_USER), PTE_WRITE | PTE_NX);
	KTEST_ASSERT(!pt_translate(kernel_pt, (u64)wide + n, NULL, NULL));
	KTEST_ASSERT(!pt_translate(kernel_pt, (u64)wide - 1, NULL, NULL));
	KTEST_ASSERT(!kernel_stack_guard((u64)wide - 1));
	vfree(wide);
	KTEST_ASSERT(!pt_translate(kernel_pt, (u64)wide, NULL, NULL));
	KTEST_ASSERT(frame_free_count() + 2 >= before);
	stack = kernel_stack_alloc();
	KTEST_ASSERT(stack);
	stack[0] = stack[KERNEL_STACK_SIZE - 1] = 1;
	KTEST_ASSERT(kernel_stack_guard((u64)stack - 1));
	KTEST_ASSERT(!kernel_stack_guard((u64)stack));
	kernel_stack_free(stack);
	apic = kernel_map_device(0xfee00030, 4);
	KTEST_ASSERT(apic);
	KTEST_ASSERT(pt_translate(kernel_pt, (u64)apic, &pa, &flags));
	KTEST_EQ(pa, 0xfee00030);
	KTEST_EQ(flags & (PTE_NO_CACHE | PTE_NX), PTE_NO_CACHE | PTE_NX);
	KTEST_ASSERT(flags & PTE_SPECIAL);
}

KTEST(area_failures, "1.0", 0,
      "vmalloc() and kernel_stack_alloc() without memory return NULL and leak nothing")
{
	u64 before;
	bool worked = false;
	int failures = 0;

	vfree(vmalloc(PAGES(600), GFP_KERNEL));
	before = frame_free_count();
	for (u64 n = 1; n < 1000 && !worked; n++) {
		void *p;

		alloc_fail_after(n);
		p = vmalloc(PAGES(20), GFP_KERNEL);
		alloc_fail_after(0);
		vfree(p);
		worked = p;
		failures += !p;
		KTEST_ASSERT(frame_free_count() + 2 >= before);
	}
	KTEST_ASSERT(worked && failures >= 21);
}

KTEST(map_permissions, "1.0", 0,
      "no page of the kernel image is writable and executable; the direct map is not executable")
{
	extern char __text_start[], __rodata_start[], __data_start[];
	extern char __kernel_start[], __kernel_end[];
	u64 flags = 0;

	KTEST_ASSERT(pt_translate(kernel_pt, (u64)__text_start, NULL, &flags));
	KTEST_EQ(flags & (PTE_WRITE | PTE_NX | PTE_USER), 0);
	KTEST_ASSERT(pt_translate(kernel_pt, (u64)__rodata_start, NULL, &flags));
	KTEST_EQ(flags & (PTE_WRITE | PTE_NX | PTE_USER), PTE_NX);
	KTEST_ASSERT(pt_translate(kernel_pt, (u64)__data_start, NULL, &flags));
	KTEST_EQ(flags & (PTE_WRITE | PTE_NX | PTE_USER), PTE_WRITE | PTE_NX);
	for (char *p = __kernel_start; p < __kernel_end; p += PAGE_SIZE) {
		if (p == boot_stack_guard)
			continue;
		KTEST_MSG(pt_translate(kernel_pt, (u64)p, NULL, &flags), "%p is not mapped", p);
		KTEST_ASSERT((flags & (PTE_WRITE | PTE_NX)) != PTE_WRITE);
	}
	KTEST_ASSERT(pt_translate(kernel_pt, (u64)phys_to_virt(0x300000), NULL, &flags));
	KTEST_ASSERT(flags & PTE_NX);
	KTEST_ASSERT(!pt_translate(kernel_pt, (u64)boot_stack_guard, NULL, NULL));
	KTEST_ASSERT(kernel_stack_guard((u64)boot_stack_guard));
	KTEST_ASSERT(!pt_translate(kernel_pt, 0x300000, NULL, NULL));
	for (int i = PT_ENTRIES / 2; i < PT_ENTRIES; i++)
		KTEST_ASSERT(kernel_pt[i] & PTE_PRESENT);
	for (int i = 0; i < PT_ENTRIES / 2; i++)
		KTEST_EQ(kernel_pt[i], 0);
}
