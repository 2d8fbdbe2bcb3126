/*
 * The kernel areas: virtual addresses for what must be contiguous, guarded or uncached: kernel
 * stacks, vmalloc() and device registers.
 *
 * Freeing follows the TLB protocol: clear the entries, flush on every CPU, only then give back the
 * frames and the addresses. As a flush is dear, kernel stacks are not unmapped at once: a pool
 * keeps some for the next thread, until memory is short.
 */
#include "01-memory/area.h"
#include "01-memory/kmem.h"
#include "01-memory/pagetable.h"
#include "common/boot_info.h"
#include "common/panic.h"
#include "common/spinlock.h"

#define STACKS_KEPT	64
#define DEVICE_FLAGS	(PTE_WRITE | PTE_NX | PTE_GLOBAL | PTE_NO_CACHE | PTE_WRITE_THROUGH | \
			 PTE_SPECIAL | PTE_ACCESSED | PTE_DIRTY)
#define MEMORY_FLAGS	(PTE_WRITE | PTE_NX | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY)

/* Protects the areas, the kernel's page tables below them, and the pool of stacks. */
static DEFINE_SPINLOCK(map_lock, RANK_KERNEL_MAP);
static struct area_space space = { RB_ROOT, KERNEL_AREA_BASE, KERNEL_AREA_END };

/* Its address, in frame.private, marks the frames of stacks. */
static char stack_mark;

/* A stack that nobody uses holds this at its lowest address. */
struct spare_stack {
	struct spare_stack *next;
};
static struct spare_stack *spare_stacks;
static unsigned spare_count;

static struct area *area_new(u64 size, gfp_t gfp)
{
	struct area *a = kmalloc(sizeof(*a), gfp);
	int error;

	if (!a)
		return NULL;
	a->size = ALIGN_UP(size, PAGE_SIZE);
	spin_lock(&map_lock);
	error = area_insert(&space, a);
	spin_unlock(&map_lock);
	if (!error)
		return a;
	kfree(a);
	return NULL;
}

static int map_page(vaddr_t va, paddr_t pa, u64 flags)
{
	int error;

	spin_lock(&map_lock);
	error = pt_map(kernel_pt, va, pa, flags);
	spin_unlock(&map_lock);
	return error;
}

/* Unmap the area, drop its frames if they are counted, and forget it. No locks, interrupts on. */
static void area_release(struct area *a)
{
	struct frame *f, *next;
	LIST_HEAD(list);

	spin_lock(&map_lock);
	for (u64 at = 0; at < a->size; at += PAGE_SIZE) {
		pte_t e = pt_unmap(kernel_pt, a->start + at);

		if (e && !(e & PTE_SPECIAL))
			list_add_tail(&phys_to_frame(pte_phys(e))->link, &list);
	}
	spin_unlock(&map_lock);
	kernel_flush_tlb(a->start, a->start + a->size);
	list_for_each_entry_safe(f, next, &list, link)
		frame_put(f);
	spin_lock(&map_lock);
	area_remove(&space, a);
	spin_unlock(&map_lock);
	kfree(a);
}

/* An area backed by frames of its own; mark goes into their frame.private. */
static void *area_with_memory(u64 size, gfp_t gfp, void *mark)
{
	struct area *a = area_new(size, gfp & ~GFP_ZERO);

	if (!a)
		return NULL;
	for (u64 at = 0; at < a->size; at += PAGE_SIZE) {
		struct frame *f = frame_alloc(0, gfp, FRAME_KERNEL);

		if (f)
			f->private = mark;
		if (!f || map_page(a->start + at, frame_to_phys(f), MEMORY_FLAGS)) {
			if (f)
				frame_put(f);
			area_release(a);
			return NULL;
		}
	}
	return (void *)a->start;
}

static void area_free(void *p, const char *who)
{
	struct area *a;

	spin_lock(&map_lock);
	a = area_find(&space, (vaddr_t)p);
	spin_unlock(&map_lock);
	if (!a)
		panic("%s: %p is not the start of a kernel area (freed twice?)", who, p);
	area_release(a);
}

/* ---- devices and vmalloc ------------------------------------------------------------------- */

void *kernel_map_device(paddr_t pa, size_t size)
{
	u64 offset = pa & (PAGE_SIZE - 1);
	struct area *a;

	if (!size || pa + size < pa)
		return NULL;
	a = area_new(offset + size, GFP_KERNEL);
	if (!a)
		return NULL;
	for (u64 at = 0; at < a->size; at += PAGE_SIZE)
		if (map_page(a->start + at, pa - offset + at, DEVICE_FLAGS)) {
			area_release(a);
			return NULL;
		}
	return (void *)(a->start + offset);
}

void *vmalloc(size_t size, gfp_t gfp)
{
	if (!size || size > frames_total() << PAGE_SHIFT)
		return NULL;
	return area_with_memory(size, gfp, NULL);
}

void vfree(void *p)
{
	if (p)
		area_free(p, "vfree");
}

/* ---- stacks -------------------------------------------------------------------------------- */

static struct spare_stack *take_spare(void)
{
	struct spare_stack *s;

	spin_lock(&map_lock);
	s = spare_stacks;
	if (s) {
		spare_stacks = s->next;
		spare_count--;
	}
	spin_unlock(&map_lock);
	return s;
}

void *kernel_stack_alloc(void)
{
	void *stack = take_spare();

	return stack ? stack : area_with_memory(KERNEL_STACK_SIZE, GFP_KERNEL, &stack_mark);
}

void kernel_stack_free(void *stack)
{
	struct spare_stack *s = stack;
	bool kept;

	spin_lock(&map_lock);
	kept = spare_count < STACKS_KEPT;
	if (kept) {
		s->next = spare_stacks;
		spare_stacks = s;
		spare_count++;
	}
	spin_unlock(&map_lock);
	if (!kept)
		area_free(stack, "kernel_stack_free");
}

static u64 shrink_stacks(u64 want)
{
	struct spare_stack *s;
	u64 freed = 0;

	while (freed < want && (s = take_spare())) {
		area_free(s, "kernel_stack_free");
		freed += KERNEL_STACK_SIZE / PAGE_SIZE;
	}
	return freed;
}
SHRINKER(80, kernel_stacks, shrink_stacks);

/* Asked when a stack has overflowed: no locks, and nothing but the page tables is looked at. */
bool kernel_stack_guard(vaddr_t va)
{
	vaddr_t above = ALIGN_DOWN(va, PAGE_SIZE) + PAGE_SIZE;
	struct frame *f;
	paddr_t pa;

	if (va - (vaddr_t)boot_stack_guard < PAGE_SIZE)
		return true;
	if (va < KERNEL_AREA_BASE || va >= KERNEL_AREA_END ||
	    pt_translate(kernel_pt, va, NULL, NULL) || !pt_translate(kernel_pt, above, &pa, NULL))
		return false;
	f = phys_to_frame(pa);
	return f && f->private == &stack_mark;
}
