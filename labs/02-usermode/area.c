/*
 * VM areas: the tree, and mapping, unmapping, protecting ranges of it (contract in mm.h).
 *
 * Areas never overlap and are never empty. A change of part of an area splits it first;
 * neighbours that have become equal are merged again, so that the tree stays small.
 *
 * mm->lock is held for writing wherever the tree changes, for reading where it is only searched:
 * page faults of several threads go on side by side. An object finds the areas that show it by its
 * own list, under its own lock; an area is on that list as long as it is in the tree.
 *
 * Unmapping takes entries out first and areas afterwards, and frames go only when every CPU has
 * flushed its TLB (tlb_batch): until then another thread may still use them.
 */
#include "common/atomic.h"
#include "common/panic.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/thread.h"
#include "02-usermode/mm_internal.h"

#define MAX_AREAS	65530	/* as Linux's default vm.max_map_count */

static struct kmem_cache *area_cache;

void area_cache_init(void)
{
	area_cache = kmem_cache_create("vm_area", sizeof(struct vm_area), 8, NULL);
	if (!area_cache)
		panic("mm: no memory for areas");
}

static struct vm_area *area_of(struct rb_node *n)
{
	return n ? rb_entry(n, struct vm_area, node) : NULL;
}

struct vm_area *mm_first_area(struct mm *mm)
{
	return area_of(rb_first(&mm->areas));
}

struct vm_area *mm_next_area(struct vm_area *a)
{
	return area_of(rb_next(&a->node));
}

struct vm_area *mm_prev_area(struct vm_area *a)
{
	return area_of(rb_prev(&a->node));
}

struct vm_area *mm_find(struct mm *mm, vaddr_t addr)
{
	struct vm_area *best = READ_ONCE(mm->last_found);
	struct rb_node *n = mm->areas.node;

	if (best && best->start <= addr && addr < best->end)
		return best;
	best = NULL;
	while (n) {
		struct vm_area *a = area_of(n);

		if (addr < a->end) {
			best = a;
			if (addr >= a->start)
				break;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	if (best)
		WRITE_ONCE(mm->last_found, best);
	return best;
}

/* ---- bookkeeping ---- */

/* What counts as data for RLIMIT_DATA: private and writable, but for stacks (getrlimit(2)). */
static void count_pages(struct mm *mm, u32 flags, s64 pages)
{
	mm->total_pages += pages;
	if (flags & VM_LOCKED)
		mm->locked_pages += pages;
	if (flags & VM_GROWSDOWN)
		mm->stack_pages += pages;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_pages += pages;
}

static u64 pages_of(const struct vm_area *a)
{
	return (a->end - a->start) >> PAGE_SHIFT;
}

static void link_area(struct mm *mm, struct vm_area *a)
{
	struct rb_node **link = &mm->areas.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = a->start < area_of(parent)->start ? &parent->left : &parent->right;
	}
	rb_insert(&mm->areas, &a->node, parent, link);
	mm->area_count++;
	count_pages(mm, a->flags, pages_of(a));
}

static void unlink_area(struct mm *mm, struct vm_area *a)
{
	rb_erase(&mm->areas, &a->node);
	mm->area_count--;
	mm->last_found = NULL;
	count_pages(mm, a->flags, -(s64)pages_of(a));
}

/* Tell the object that a maps it, or no longer does. */
static void attach(struct vm_area *a)
{
	list_init(&a->object_link);
	if (!a->object)
		return;
	down_write(&a->object->lock);
	list_add_tail(&a->object_link, &a->object->areas);
	up_write(&a->object->lock);
	if (a->object->ops->open)
		a->object->ops->open(a);
}

static void detach(struct vm_area *a)
{
	struct vm_object *o = a->object;

	if (!o)
		return;
	down_write(&o->lock);
	list_del(&a->object_link);
	up_write(&o->lock);
	if (o->ops->close)
		o->ops->close(a);
}

struct vm_area *area_alloc(struct mm *mm, vaddr_t start, vaddr_t end, u32 flags,
			   struct vm_object *object, u64 offset, struct file *file)
{
	struct vm_area *a = kmem_cache_alloc(area_cache, GFP_KERNEL);

	if (!a)
		return NULL;
	*a = (struct vm_area){
		.start = start, .end = end, .flags = flags, .object = object, .offset = offset,
		.mm = mm, .file = file,
	};
	return a;
}

void vm_area_insert(struct mm *mm, struct vm_area *a)
{
	link_area(mm, a);
	attach(a);
}

static void area_free(struct vm_area *a)
{
	detach(a);
	kmem_cache_free(area_cache, a);
}

/* ---- mapping ---- */

/* Would so many pages more of this kind be too many for the process's limits? */
static bool over_limit(const struct mm *mm, u32 flags, u64 pages)
{
	if (mm->total_pages + pages > mm->limit_as >> PAGE_SHIFT)
		return true;
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE &&
	       mm->data_pages + pages > mm->limit_data >> PAGE_SHIFT;
}

/* Whether b, right behind a, may become part of it: it shows what follows in the same object. */
static bool mergeable(const struct vm_area *a, const struct vm_area *b)
{
	if (!a || !b || a->end != b->start || a->flags != b->flags || a->flags & VM_GROWSDOWN ||
	    a->object != b->object || a->file != b->file)
		return false;
	return a->object ? a->offset + (a->end - a->start) == b->offset : !a->file;
}

/* a with its neighbours, where these go on as a ends; returns the area that now holds a's range. */
static struct vm_area *try_merge(struct mm *mm, struct vm_area *a)
{
	struct vm_area *prev = mm_prev_area(a), *next = mm_next_area(a);

	if (mergeable(a, next)) {
		unlink_area(mm, next);
		count_pages(mm, a->flags, pages_of(next));
		a->end = next->end;
		area_free(next);
	}
	if (mergeable(prev, a)) {
		unlink_area(mm, a);
		count_pages(mm, prev->flags, pages_of(a));
		prev->end = a->end;
		area_free(a);
		a = prev;
	}
	return a;
}

void mm_merge(struct mm *mm, vaddr_t start, vaddr_t end)
{
	for (struct vm_area *a = mm_find(mm, start); a && a->start <= end; a = mm_next_area(a))
		a = try_merge(mm, a);
}

struct vm_area *mm_map(struct mm *mm, vaddr_t start, u64 size, u32 flags,
		       struct vm_object *object, u64 offset, struct file *file)
{
	struct vm_area *a;

	if (over_limit(mm, flags, size >> PAGE_SHIFT) || mm->area_count >= MAX_AREAS)
		return ERR_PTR(-ENOMEM);
	a = area_alloc(mm, start, start + size, flags, object, offset, file);
	if (!a)
		return ERR_PTR(-ENOMEM);
	vm_area_insert(mm, a);
	return try_merge(mm, a);
}

int mm_split_at(struct mm *mm, vaddr_t addr)
{
	struct vm_area *a = mm_find(mm, addr), *upper;

	if (!a || a->start >= addr)
		return 0;
	if (mm->area_count >= MAX_AREAS)
		return -ENOMEM;
	upper = area_alloc(mm, addr, a->end, a->flags, a->object,
			   a->object ? a->offset + (addr - a->start) : 0, a->file);
	if (!upper)
		return -ENOMEM;
	/*
	 * The object must find every page in some area all the time: for a moment it finds some in
	 * two.
	 */
	vm_area_insert(mm, upper);
	count_pages(mm, a->flags, -(s64)pages_of(upper));
	a->end = addr;
	return 0;
}

static int split_around(struct mm *mm, vaddr_t start, vaddr_t end)
{
	int error = mm_split_at(mm, start);

	return error ? error : mm_split_at(mm, end);
}

/* Free the page tables of the hole around [start, end): between the areas below and above it. */
static void prune_tables(struct mm *mm, struct tlb_batch *b, vaddr_t start, vaddr_t end)
{
	struct vm_area *above = mm_find(mm, end), *below;

	below = above ? mm_prev_area(above) : area_of(rb_last(&mm->areas));
	spin_lock(&mm->pt_lock);
	pt_prune(mm->pt, below ? below->end : 0, above ? above->start : USER_END, &b->tables);
	spin_unlock(&mm->pt_lock);
	if (!list_empty(&b->tables))	/* cached upper entries go with any flush of the range */
		tlb_batch_add(b, start, NULL);
}

/* A gap appears that ends at the area above end: a search must not begin below it. */
static void note_gap(struct mm *mm, vaddr_t end)
{
	struct vm_area *above = mm_find(mm, end);
	vaddr_t top = above ? MIN(above->start, mm->mmap_base) : mm->mmap_base;

	if (mm->gap_hint && mm->gap_hint < top)
		mm->gap_hint = top;
}

int mm_unmap(struct mm *mm, vaddr_t start, u64 size)
{
	vaddr_t end = start + size;
	struct tlb_batch batch;
	struct vm_area *a, *next;
	LIST_HEAD(gone);
	int error;

	a = mm_find(mm, start);
	if (!a || a->start >= end)
		return 0;
	error = split_around(mm, start, end);
	if (error)
		return error;
	mm->peak_total_pages = MAX(mm->peak_total_pages, mm->total_pages);
	tlb_batch_init(&batch, mm);
	for (a = mm_find(mm, start); a && a->start < end; a = next) {
		next = mm_next_area(a);
		zap_range(&batch, a, a->start, a->end);
		unlink_area(mm, a);
		area_free(a);
	}
	note_gap(mm, end);
	if (size >= LARGE_PAGE_SIZE)
		prune_tables(mm, &batch, start, end);
	tlb_batch_flush(&batch);
	return 0;
}

void mm_destroy_areas(struct mm *mm)
{
	struct tlb_batch batch;
	struct vm_area *a;

	tlb_batch_init(&batch, mm);
	while ((a = mm_first_area(mm))) {
		zap_range(&batch, a, a->start, a->end);
		unlink_area(mm, a);
		area_free(a);
		cond_resched();
	}
	tlb_batch_flush(&batch);
}

void mm_zap(struct mm *mm, struct vm_area *a, vaddr_t start, vaddr_t end)
{
	struct tlb_batch batch;

	tlb_batch_init(&batch, mm);
	zap_range(&batch, a, start, end);
	tlb_batch_flush(&batch);
}

/* ---- finding room ---- */

/* The highest area that begins below addr, or NULL. */
static struct vm_area *area_below(struct mm *mm, vaddr_t addr)
{
	struct vm_area *above = mm_find(mm, addr - 1);

	if (!above)
		return area_of(rb_last(&mm->areas));
	return above->start < addr ? above : mm_prev_area(above);
}

/* Top-down from `top`, above which are gaps of up to `skipped` bytes: address or -ENOMEM. */
static s64 search_down(struct mm *mm, vaddr_t top, u64 skipped, u64 size, u64 align)
{
	for (struct vm_area *a = area_below(mm, top); top >= size + USER_MIN; a = mm_prev_area(a)) {
		vaddr_t candidate = ALIGN_DOWN(top - size, align);

		if (candidate >= USER_MIN && (!a || a->end <= candidate)) {
			mm->gap_hint = top;
			mm->gap_skipped = skipped;
			return candidate;
		}
		if (!a)
			break;
		if (top > a->end)
			skipped = MAX(skipped, top - a->end);
		top = MIN(top, a->start);
	}
	return -ENOMEM;
}

s64 mm_find_free(struct mm *mm, vaddr_t hint, u64 size, u64 align)
{
	struct vm_area *a;
	s64 found = -ENOMEM;

	if (size == 0 || size > USER_END)
		return -ENOMEM;
	if (hint >= USER_MIN && hint <= USER_END - size) {
		a = mm_find(mm, hint);
		if (!a || a->start >= hint + size)
			return hint;
	}
	/* With thousands of areas most searches would walk past the same small gaps. */
	if (mm->gap_hint && size > mm->gap_skipped)
		found = search_down(mm, mm->gap_hint, mm->gap_skipped, size, align);
	return found < 0 ? search_down(mm, mm->mmap_base, 0, size, align) : found;
}

/* ---- protection ---- */

struct protect {
	struct tlb_batch batch;
	u32 flags;
};

/* Writing is never granted here, only taken: the fault decides whether a copy is due. */
static int protect_pte(pte_t *pte, vaddr_t va, void *arg)
{
	struct protect *p = arg;
	u64 flags = area_pte_flags(p->flags);
	pte_t old = *pte;
	u64 keep = PTE_ADDR | PTE_ACCESSED | PTE_DIRTY | PTE_SPECIAL | PTE_NO_CACHE |
		   (p->flags & VM_WRITE ? PTE_WRITE : 0);
	pte_t new = (old & keep) | flags;

	if (!(flags & PTE_PRESENT))
		new &= ~PTE_WRITE;
	*pte = new;
	if (old & ~new & (PTE_PRESENT | PTE_WRITE) || (~old & new & PTE_NX))
		tlb_batch_add(&p->batch, va, NULL);
	return 0;
}

static void protect_area(struct mm *mm, struct vm_area *a, u32 prot)
{
	struct protect p;

	count_pages(mm, a->flags, -(s64)pages_of(a));
	a->flags = (a->flags & ~VM_PROT) | prot;
	count_pages(mm, a->flags, pages_of(a));
	tlb_batch_init(&p.batch, mm);
	p.flags = a->flags;
	spin_lock(&mm->pt_lock);
	pt_for_each(mm->pt, a->start, a->end, protect_pte, &p);
	spin_unlock(&mm->pt_lock);
	tlb_batch_flush(&p.batch);
}

/* The whole range is mapped, and nothing forbids the new protection. */
static int check_protect(struct mm *mm, vaddr_t start, vaddr_t end, u32 prot)
{
	vaddr_t next = start;

	for (struct vm_area *a = mm_find(mm, start); a && a->start < end; a = mm_next_area(a)) {
		if (a->start > next)
			return -ENOMEM;
		if ((a->flags & VM_SHARED) && (prot & VM_WRITE) && !(a->flags & VM_MAYWRITE))
			return -EACCES;
		next = a->end;
	}
	return next >= end ? 0 : -ENOMEM;
}

int mm_protect(struct mm *mm, vaddr_t start, u64 size, u32 prot)
{
	vaddr_t end = start + size;
	int error = check_protect(mm, start, end, prot);
	struct vm_area *a;

	if (error)
		return error;
	error = split_around(mm, start, end);
	if (error)
		return error;
	for (a = mm_find(mm, start); a && a->start < end; a = mm_next_area(a)) {
		if ((a->flags & VM_PROT) == prot)
			continue;
		if ((prot & VM_WRITE) && !(a->flags & VM_WRITE) && over_limit(mm, VM_WRITE, 0))
			return -ENOMEM;
		protect_area(mm, a, prot);
	}
	mm_merge(mm, start, end);
	return 0;
}
