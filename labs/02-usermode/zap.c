/*
 * Taking pages out of page tables: for unmap and exit (zap_range), and wherever an object's page
 * is mapped, for truncation, write-back and reclaim (vm_object_...).
 */
#include "common/atomic.h"
#include "02-usermode/mm_internal.h"

struct zap {
	struct tlb_batch *batch;
	struct vm_area *area;
	vaddr_t resume;			/* where to go on after a full batch */
};

/* The frame that a user entry counts, or NULL (zero page, device memory). */
static struct frame *counted_frame(pte_t e)
{
	return e & PTE_SPECIAL ? NULL : phys_to_frame(pte_phys(e));
}

static void uncount(struct mm *mm, const struct frame *f)
{
	if (f->owner == FRAME_CACHE)
		mm->file_pages--;
	else
		mm->anon_pages--;
}

static int zap_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct zap *z = arg;
	struct frame *f = counted_frame(*pte);

	*pte = 0;
	if (f)
		uncount(z->area->mm, f);
	if (!tlb_batch_add(z->batch, va, f))
		return 0;
	z->resume = va + PAGE_SIZE;
	return 1;
}

void zap_range(struct tlb_batch *b, struct vm_area *a, vaddr_t start, vaddr_t end)
{
	struct zap z = { b, a, start };
	struct mm *mm = a->mm;
	int full;

	do {
		spin_lock(&mm->pt_lock);
		mm->peak_resident = mm_peak_resident(mm);
		full = pt_for_each(mm->pt, z.resume, end, zap_pte, &z);
		spin_unlock(&mm->pt_lock);
		if (full)
			tlb_batch_flush(b);
	} while (full && z.resume < end);
}

/* ---- objects ---- */

void vm_object_init(struct vm_object *o, const struct vm_object_ops *ops)
{
	o->ops = ops;
	rwsem_init(&o->lock, "object", RANK_OBJECT);
	list_init(&o->areas);
}

/* The part of area a that shows pages [first, last] of its object; false if none. */
static bool clip(const struct vm_area *a, u64 first, u64 last, vaddr_t *start, vaddr_t *end)
{
	u64 a_first = a->offset >> PAGE_SHIFT;
	u64 a_last = a_first + ((a->end - a->start) >> PAGE_SHIFT) - 1;

	if (last < a_first || first > a_last)
		return false;
	*start = a->start + ((MAX(first, a_first) - a_first) << PAGE_SHIFT);
	*end = a->start + ((MIN(last, a_last) - a_first + 1) << PAGE_SHIFT);
	return true;
}

struct walk {
	struct tlb_batch batch;
	struct vm_area *area;
	vaddr_t resume;
	bool found;			/* something was written to, or accessed */
};

/* The end of the file is cut off: private copies of its pages go as well. */
static int cut_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct walk *w = arg;
	struct frame *f = counted_frame(*pte);

	if (!f)
		return 0;
	w->found |= *pte & PTE_WRITE;
	*pte = 0;
	uncount(w->area->mm, f);
	if (!tlb_batch_add(&w->batch, va, f))
		return 0;
	w->resume = va + PAGE_SIZE;
	return 1;
}

/* Only the object's own pages go: private copies stay. */
static int unmap_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct frame *f = counted_frame(*pte);

	return f && f->owner == FRAME_CACHE ? cut_pte(pte, va, arg) : 0;
}

static int clean_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct walk *w = arg;

	if (!(w->area->flags & VM_SHARED) || !(*pte & PTE_WRITE))
		return 0;
	*pte &= ~(PTE_WRITE | PTE_DIRTY);
	tlb_batch_add(&w->batch, va, NULL);
	w->found = true;
	return 0;
}

static int accessed_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct walk *w = arg;

	if (*pte & PTE_ACCESSED) {
		/* A stale TLB entry only makes the page look idle a little longer. */
		*pte &= ~PTE_ACCESSED;
		w->found = true;
	}
	return 0;
}

static bool for_each_mapping(struct vm_object *o, u64 first, u64 last,
			     int (*fn)(pte_t *pte, vaddr_t va, void *arg))
{
	struct walk w = { .found = false };
	struct vm_area *a;
	vaddr_t end;

	down_read(&o->lock);
	list_for_each_entry(a, &o->areas, object_link) {
		int full;

		if (!clip(a, first, last, &w.resume, &end))
			continue;
		w.area = a;
		tlb_batch_init(&w.batch, a->mm);
		do {
			spin_lock(&a->mm->pt_lock);
			full = pt_for_each(a->mm->pt, w.resume, end, fn, &w);
			spin_unlock(&a->mm->pt_lock);
			tlb_batch_flush(&w.batch);
		} while (full && w.resume < end);
	}
	up_read(&o->lock);
	return w.found;
}

bool vm_object_unmap(struct vm_object *o, u64 first, u64 last)
{
	return !list_empty(&o->areas) && for_each_mapping(o, first, last, unmap_pte);
}

void vm_object_cut(struct vm_object *o, u64 first)
{
	if (!list_empty(&o->areas))
		for_each_mapping(o, first, ~0UL, cut_pte);
}

bool vm_object_clean(struct vm_object *o, u64 index)
{
	return !list_empty(&o->areas) && for_each_mapping(o, index, index, clean_pte);
}

bool vm_object_accessed(struct vm_object *o, u64 index)
{
	return !list_empty(&o->areas) && for_each_mapping(o, index, index, accessed_pte);
}
