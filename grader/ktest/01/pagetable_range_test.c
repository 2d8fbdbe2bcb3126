/* Exercises 1.4 (protect and visit) and 1.5 (take apart). */
#include "01-memory/pagetable.h"
#include "common/errno.h"
#include "common/ktest.h"

#define VA	0x123456789000UL
#define PA	0x7654000UL
#define GIB	(1UL << 30)

static u64 table_frames(void)
{
	struct frame_stats s;

	frame_stats(&s);
	return s.by_owner[FRAME_PAGE_TABLE];
}

/* ---- 1.4 ----------------------------------------------------------------------------------- */

KTEST(pt_protect_bits, "1.4", 4,
      "pt_protect() replaces write, user and no-execute, and keeps everything else")
{
	const u64 kept = PTE_ACCESSED | PTE_DIRTY | PTE_SPECIAL;
	pte_t *top = pt_new(), *pte;

	KTEST_ASSERT(top);
	KTEST_EQ(pt_map(top, VA, PA, PTE_WRITE | PTE_USER | PTE_NX | kept), 0);
	pte = pt_walk(top, VA, false);
	KTEST_EQ(pt_protect(top, VA, PTE_USER), 0);
	KTEST_EQ(*pte, PA | PTE_PRESENT | PTE_USER | kept);
	KTEST_EQ(pt_protect(top, VA, PTE_WRITE | PTE_NX), 0);
	KTEST_EQ(*pte, PA | PTE_PRESENT | PTE_WRITE | PTE_NX | kept);
	KTEST_EQ(pt_protect(top, VA, 0), 0);
	KTEST_EQ(*pte, PA | PTE_PRESENT | kept);
	/* Other bits in the argument are none of its business. */
	KTEST_EQ(pt_protect(top, VA, PTE_USER | PTE_NO_CACHE | PTE_GLOBAL), 0);
	KTEST_EQ(*pte, PA | PTE_PRESENT | PTE_USER | kept);
	pt_free(top);
}

KTEST(pt_protect_absent, "1.4", 2,
      "pt_protect() of a page that is not mapped is -ENOENT and maps nothing")
{
	pte_t *top = pt_new();
	u64 tables;

	KTEST_ASSERT(top);
	KTEST_EQ(pt_map(top, VA, PA, PTE_USER), 0);
	tables = table_frames();
	KTEST_EQ(pt_protect(top, VA, PTE_USER | PTE_WRITE), 0);
	KTEST_EQ(pt_protect(top, VA + PAGE_SIZE, PTE_USER), -ENOENT);
	KTEST_EQ(pt_protect(top, VA + GIB, PTE_USER), -ENOENT);
	KTEST_ASSERT(!pt_translate(top, VA + PAGE_SIZE, NULL, NULL));
	KTEST_EQ(table_frames(), tables);
	pt_free(top);
}

static struct visits {
	int count, stop_at;
	vaddr_t va[8];
} visits;

static int note_visit(pte_t *pte, vaddr_t va, void *arg)
{
	struct visits *v = arg;

	if (pte_phys(*pte) != PA)
		return -EINVAL;
	if (v->count < ARRAY_SIZE(v->va))
		v->va[v->count] = va;
	v->count++;
	return v->count == v->stop_at ? -EINTR : 0;
}

/* Visit [start, end) with these pages mapped; stop_at 0: do not stop. */
static int visit(pte_t *top, vaddr_t start, vaddr_t end, int stop_at)
{
	visits = (struct visits){ 0, stop_at, { 0 } };
	return pt_for_each(top, start, end, note_visit, &visits);
}

static const vaddr_t pages[] = {
	0x10000, 0x11000, 0x1ff000, 0x200000, 0x40000000, 0x7fff00000000, 0x7fffffffe000,
};

static pte_t *make_pages(void)
{
	pte_t *top = pt_new();

	for (int i = 0; top && i < ARRAY_SIZE(pages); i++)
		if (pt_map(top, pages[i], PA, PTE_USER))
			return NULL;
	return top;
}

KTEST(pt_visit_all, "1.4", 3,
      "pt_for_each() visits every mapped page of the user half once, in order, and quickly")
{
	pte_t *top = make_pages();

	KTEST_ASSERT(top);
	KTEST_EQ(visit(top, 0, USER_END, 0), 0);
	KTEST_EQ(visits.count, ARRAY_SIZE(pages));
	for (int i = 0; i < ARRAY_SIZE(pages); i++)
		KTEST_EQ(visits.va[i], pages[i]);
	KTEST_EQ(visit(top, 0x400000, 0x40000000, 0), 0);
	KTEST_EQ(visits.count, 0);
	/* 2 MiB pages have no entry of level 1. */
	KTEST_EQ(visit(top, DIRECT_MAP_BASE, DIRECT_MAP_BASE + GIB, 0), 0);
	KTEST_EQ(visits.count, 0);
	pt_free(top);
}

KTEST(pt_visit_bounds, "1.4", 2,
      "pt_for_each() keeps to the range: start belongs to it, end does not")
{
	pte_t *top = make_pages();

	KTEST_ASSERT(top);
	KTEST_EQ(visit(top, 0x11000, 0x200000, 0), 0);
	KTEST_EQ(visits.count, 2);
	KTEST_EQ(visits.va[0], 0x11000);
	KTEST_EQ(visits.va[1], 0x1ff000);
	KTEST_EQ(visit(top, 0x200000, 0x201000, 0), 0);
	KTEST_EQ(visits.count, 1);
	KTEST_EQ(visit(top, 0x200000, 0x200000, 0), 0);
	KTEST_EQ(visits.count, 0);
	pt_free(top);
}

KTEST(pt_visit_stops, "1.4", 1,
      "pt_for_each() stops at the first result that is not 0, and returns it")
{
	pte_t *top = make_pages();

	KTEST_ASSERT(top);
	KTEST_EQ(visit(top, 0, USER_END, 4), -EINTR);
	KTEST_EQ(visits.count, 4);
	pt_free(top);
}

/* ---- 1.5 ----------------------------------------------------------------------------------- */

/* Number of tables on the list; drops them. */
static int drop_tables(struct list_head *list)
{
	struct frame *f, *next;
	int n = 0;

	list_for_each_entry_safe(f, next, list, link) {
		list_del(&f->link);
		frame_put(f);
		n++;
	}
	return n;
}

KTEST(pt_prune_table, "1.5", 4,
      "pt_prune() unlinks the table that serves only the range, and frees nothing itself")
{
	u64 before = table_frames();
	pte_t *top = pt_new();
	LIST_HEAD(list);

	KTEST_ASSERT(top);
	KTEST_EQ(pt_map(top, 0x40200000, PA, PTE_USER), 0);
	KTEST_EQ(pt_map(top, 0x40400000, PA, PTE_USER), 0);
	KTEST_EQ(table_frames() - before, 5);
	KTEST_EQ(pt_unmap(top, 0x40200000) & PTE_ADDR, PA);
	pt_prune(top, 0x40200000, 0x40400000, &list);
	KTEST_EQ(table_frames() - before, 5);		/* not freed yet */
	KTEST_EQ(drop_tables(&list), 1);
	KTEST_EQ(table_frames() - before, 4);
	KTEST_ASSERT(!pt_walk(top, 0x40200000, false));
	KTEST_ASSERT(pt_translate(top, 0x40400000, NULL, NULL));
	KTEST_EQ(pt_map(top, 0x40200000, PA, PTE_USER), 0);
	pt_free(top);
}

KTEST(pt_prune_neighbour, "1.5", 4,
      "pt_prune() leaves tables alone that map anything outside of the range")
{
	pte_t *top = pt_new();
	LIST_HEAD(list);

	KTEST_ASSERT(top);
	KTEST_EQ(pt_map(top, 0x40200000, PA, PTE_USER), 0);
	KTEST_EQ(pt_map(top, 0x405ff000, PA, PTE_USER), 0);
	KTEST_EQ(pt_map(top, 0x40400000, PA, PTE_USER), 0);
	pt_prune(top, 0x40201000, 0x405ff000, &list);
	KTEST_EQ(drop_tables(&list), 0);
	KTEST_ASSERT(pt_translate(top, 0x40200000, NULL, NULL));
	KTEST_ASSERT(pt_translate(top, 0x405ff000, NULL, NULL));
	pt_prune(top, 0x40201000, 0x40600000, &list);
	KTEST_EQ(drop_tables(&list), 1);
	KTEST_ASSERT(pt_translate(top, 0x40200000, NULL, NULL));
	KTEST_ASSERT(!pt_translate(top, 0x405ff000, NULL, NULL));
	pt_free(top);
}

KTEST(pt_prune_deep, "1.5", 2, "a pruned table takes the tables below it along")
{
	u64 before = table_frames();
	pte_t *top = pt_new();
	LIST_HEAD(list);

	KTEST_ASSERT(top);
	for (u64 i = 0; i < 4; i++)
		KTEST_EQ(pt_map(top, 7 * GIB + i * LARGE_PAGE_SIZE, PA, PTE_USER), 0);
	KTEST_EQ(pt_map(top, 513 * GIB, PA, PTE_USER), 0);
	KTEST_EQ(table_frames() - before, 1 + 2 + 4 + 3);
	pt_prune(top, 6 * GIB, 9 * GIB, &list);
	KTEST_EQ(drop_tables(&list), 5);
	pt_prune(top, 0, 1024 * GIB, &list);
	KTEST_EQ(drop_tables(&list), 4);
	KTEST_EQ(table_frames() - before, 1);
	pt_free(top);
}

/* The entry of level 2 for va, whose tables exist. */
static pte_t *large_entry(pte_t *top, vaddr_t va)
{
	pte_t *table = top;

	for (int level = PT_LEVELS; level > 2; level--)
		table = phys_to_virt(pte_phys(table[PT_INDEX(va, level)]));
	return &table[PT_INDEX(va, 2)];
}

KTEST(pt_prune_large, "1.5", 1, "pt_prune() does not take a large page for a table")
{
	struct frame *f = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_KERNEL);
	pte_t *top = pt_new(), *e;
	LIST_HEAD(list);

	KTEST_ASSERT(top && f);
	KTEST_EQ(pt_map(top, 3 * GIB, PA, PTE_USER), 0);
	KTEST_EQ(pt_map(top, 4 * GIB - PAGE_SIZE, PA, PTE_USER), 0);
	e = large_entry(top, 3 * GIB + LARGE_PAGE_SIZE);
	*e = frame_to_phys(f) | PTE_PRESENT | PTE_LARGE;
	pt_prune(top, 3 * GIB, 4 * GIB - LARGE_PAGE_SIZE, &list);
	KTEST_EQ(drop_tables(&list), 1);
	KTEST_EQ(*e, frame_to_phys(f) | PTE_PRESENT | PTE_LARGE);
	*e = 0;
	frame_put(f);
	pt_free(top);
}

KTEST(pt_free_all, "1.5", 3,
      "pt_free() gives back every table of the user half and none of the kernel's")
{
	static const vaddr_t kernel_va = KERNEL_AREA_BASE + 5 * GIB;
	u64 before = frame_free_count(), tables = table_frames();
	pte_t *top = pt_new(), *other = pt_new();

	KTEST_ASSERT(top && other);
	for (u64 i = 0; i < 40; i++)
		KTEST_EQ(pt_map(top, USER_MIN + i * 37 * GIB, PA, PTE_USER), 0);
	KTEST_EQ(pt_map(top, kernel_va, PA, PTE_WRITE | PTE_NX), 0);
	KTEST_ASSERT(table_frames() > tables + 80);
	pt_free(top);
	/* The kernel's tables are shared by all: mapped in one, seen in the other. */
	KTEST_ASSERT(pt_translate(other, kernel_va, NULL, NULL));
	KTEST_ASSERT(pt_translate(kernel_pt, kernel_va, NULL, NULL));
	pt_unmap(kernel_pt, kernel_va);
	pt_free(other);
	KTEST_ASSERT(table_frames() <= tables + 2);
	KTEST_ASSERT(frame_free_count() >= before - 2);
}
