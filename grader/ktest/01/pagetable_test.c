/*
 * Exercise 1.2: walking page tables. Each test makes a table of its own, with pages in the user
 * half that no program uses.
 * @ask pt_mmu console
 */
#include "01-memory/pagetable.h"
#include "common/errno.h"
#include "common/ktest.h"
#include "common/x86.h"
#include "grader/ktest/ask.h"

#define VA	0x123456789000UL
#define PA	0x7654000UL

/* Frames that tables use now. */
static u64 table_frames(void)
{
	struct frame_stats s;

	frame_stats(&s);
	return s.by_owner[FRAME_PAGE_TABLE];
}

KTEST(pt_walk_creates, "1.2", 5,
      "pt_walk() makes the three tables that are missing, cleared, and only if asked")
{
	pte_t *top = pt_new(), *pte;
	u64 before = table_frames();

	KTEST_ASSERT(top);
	KTEST_ASSERT(!pt_walk(top, VA, false));
	KTEST_EQ(table_frames(), before);
	pte = pt_walk(top, VA, true);
	KTEST_ASSERT(pte);
	KTEST_EQ(table_frames() - before, 3);
	KTEST_EQ(((u64)pte & (PAGE_SIZE - 1)) / 8, PT_INDEX(VA, 1));
	for (int i = 0; i < PT_ENTRIES; i++)
		KTEST_EQ(((pte_t *)ALIGN_DOWN((u64)pte, PAGE_SIZE))[i], 0);
	KTEST_ASSERT(pt_walk(top, VA, false) == pte);
	KTEST_ASSERT(pt_walk(top, VA + PAGE_SIZE, true) == pte + 1);
	KTEST_EQ(table_frames() - before, 3);
	KTEST_ASSERT(pt_walk(top, VA + LARGE_PAGE_SIZE, true));
	KTEST_EQ(table_frames() - before, 4);
	pt_free(top);
}

KTEST(pt_walk_permissions, "1.2", 2,
      "the tables on the way allow what the last entry may allow: write, and user in the user half")
{
	pte_t *top = pt_new(), e;

	KTEST_ASSERT(top);
	KTEST_ASSERT(pt_walk(top, VA, true));
	e = top[PT_INDEX(VA, 4)];
	for (int level = 3; level >= 1; level--) {
		KTEST_EQ(e & (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_NX),
			 PTE_PRESENT | PTE_WRITE | PTE_USER);
		e = ((pte_t *)phys_to_virt(pte_phys(e)))[PT_INDEX(VA, level)];
	}
	KTEST_EQ(e, 0);
	pt_free(top);
}

KTEST(pt_map_translate, "1.2", 4,
      "a mapped page translates to its frame, with offset and flags; it cannot be mapped twice")
{
	const u64 flags = PTE_WRITE | PTE_USER | PTE_NX;
	pte_t *top = pt_new();
	paddr_t pa = 0;
	u64 got = 0;

	KTEST_ASSERT(top);
	KTEST_ASSERT(!pt_translate(top, VA, &pa, &got));
	KTEST_EQ(pt_map(top, VA, PA, flags), 0);
	KTEST_ASSERT(pt_translate(top, VA + 0x123, &pa, &got));
	KTEST_EQ(pa, PA + 0x123);
	KTEST_EQ(got, flags | PTE_PRESENT);
	KTEST_ASSERT(pt_translate(top, VA, NULL, NULL));
	KTEST_ASSERT(!pt_translate(top, VA + PAGE_SIZE, NULL, NULL));
	KTEST_ASSERT(!pt_translate(top, VA - 1, NULL, NULL));
	KTEST_EQ(pt_map(top, VA, PA + PAGE_SIZE, flags), -EEXIST);
	KTEST_ASSERT(pt_translate(top, VA, &pa, NULL));
	KTEST_EQ(pa, PA);
	pt_unmap(top, VA);
	pt_free(top);
}

KTEST(pt_unmap_returns, "1.2", 4,
      "pt_unmap() clears the entry and returns what stood there, with the bits that the CPU set")
{
	pte_t *top = pt_new(), *pte;

	KTEST_ASSERT(top);
	KTEST_EQ(pt_unmap(top, VA), 0);
	KTEST_EQ(pt_map(top, VA, PA, PTE_USER), 0);
	KTEST_EQ(pt_map(top, VA + PAGE_SIZE, PA + PAGE_SIZE, PTE_USER), 0);
	pte = pt_walk(top, VA, false);
	KTEST_ASSERT(pte);
	*pte |= PTE_ACCESSED | PTE_DIRTY;
	KTEST_EQ(pt_unmap(top, VA), PA | PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY);
	KTEST_ASSERT(!pt_translate(top, VA, NULL, NULL));
	KTEST_ASSERT(pt_translate(top, VA + PAGE_SIZE, NULL, NULL));
	KTEST_EQ(pt_unmap(top, VA), 0);
	KTEST_EQ(pt_map(top, VA, PA, PTE_USER), 0);
	pt_free(top);
}

KTEST(pt_large, "1.2", 3, "2 MiB pages are translated, and never taken for a table")
{
	/* The direct map's page at 4 MiB is a large one; so is this one at a user address. */
	const vaddr_t direct = DIRECT_MAP_BASE + 0x400000, user = 0x40000000;
	pte_t *top = pt_new(), *level3;
	struct frame *level2 = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_PAGE_TABLE);
	paddr_t pa = 0;
	u64 flags = 0;

	KTEST_ASSERT(top && level2);
	KTEST_ASSERT(pt_translate(top, direct + 0x54321, &pa, &flags));
	KTEST_EQ(pa, 0x454321);
	KTEST_ASSERT(flags & PTE_LARGE);
	KTEST_ASSERT(!pt_walk(top, direct, false));
	KTEST_ASSERT(pt_walk(top, 0, true));	/* makes the table of level 3 */
	level3 = phys_to_virt(pte_phys(top[0]));
	level3[1] = frame_to_phys(level2) | PTE_PRESENT | PTE_WRITE | PTE_USER;
	((pte_t *)frame_to_virt(level2))[0] = 0x800000 | PTE_PRESENT | PTE_USER | PTE_LARGE;
	KTEST_ASSERT(pt_translate(top, user + 0x1ff123, &pa, NULL));
	KTEST_EQ(pa, 0x9ff123);
	KTEST_ASSERT(!pt_walk(top, user, true));
	KTEST_EQ(pt_map(top, user + PAGE_SIZE, PA, PTE_USER), -EEXIST);
	KTEST_EQ(pt_unmap(top, user), 0);
	KTEST_EQ(pt_map(top, user + LARGE_PAGE_SIZE, PA, PTE_USER), 0);
	pt_free(top);
}

KTEST(pt_no_memory, "1.2", 2,
      "without memory for a table pt_map() says -ENOMEM, and works when there is some again")
{
	pte_t *top = pt_new();

	KTEST_ASSERT(top);
	for (int n = 1; n <= 3; n++) {
		alloc_fail_after(n);
		KTEST_EQ(pt_map(top, VA + n * (1UL << 39), PA, 0), -ENOMEM);
		alloc_fail_after(0);
		KTEST_ASSERT(!pt_translate(top, VA + n * (1UL << 39), NULL, NULL));
		KTEST_EQ(pt_map(top, VA + n * (1UL << 39), PA, 0), 0);
	}
	pt_free(top);
}

KTEST(pt_mmu, "1.2", 2, "the CPU sees through the tables what was mapped")
{
	struct frame *f = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_ANON);
	pte_t *top = pt_new();
	u64 cr3 = read_cr3();

	KTEST_ASSERT(f && top);
	KTEST_EQ(pt_map(top, VA, frame_to_phys(f), PTE_WRITE | PTE_NX), 0);
	write_cr3(virt_to_phys(top));
	*(volatile u64 *)(VA + 0x18) = 0x1122334455667788;
	strlcpy((char *)VA + 0x100, asked(), 64);
	write_cr3(cr3);
	KTEST_EQ(((u64 *)frame_to_virt(f))[3], 0x1122334455667788);
	answer("pt_mmu", answer_add(ANSWER_START, (char *)frame_to_virt(f) + 0x100));
	KTEST_ASSERT(pt_unmap(top, VA) & PTE_DIRTY);
	pt_free(top);
	frame_put(f);
}
