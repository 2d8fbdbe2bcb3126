/*
 * Keeping TLBs true: the protocol of mm.h.
 *
 * Clear the entry (under pt_lock), then flush every CPU that may have it cached,
 * and only then give the frame back. The page tables that an unmap empties go the same
 * way. Waiting for other CPUs happens with interrupts on and without spinlocks.
 */
#include "common/atomic.h"
#include "common/panic.h"
#include "common/x86.h"
#include "02-usermode/mm_internal.h"
#include "02-usermode/smp.h"
#include "02-usermode/thread.h"

/* Above this many pages, reloading CR3 is cheaper than invalidating one by one. */
#define FLUSH_ALL_PAGES	25

struct flush {
	struct mm *mm;		/* NULL: kernel addresses */
	vaddr_t start, end;
};

static void flush_here(void *arg)
{
	const struct flush *f = arg;

	if (!f->mm) {
		tlb_flush_local(f->start, f->end);
		return;
	}
	if (!mm_flush_or_leave(f->mm))
		return;
	if ((f->end - f->start) / PAGE_SIZE > FLUSH_ALL_PAGES) {
		write_cr3(read_cr3());
		return;
	}
	for (vaddr_t va = f->start; va < f->end; va += PAGE_SIZE)
		invlpg(va);
}

void tlb_flush_range(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct flush f = { mm, start, end };

	irq_disable();
	flush_here(&f);
	irq_enable();
	smp_mb();	/* entries are cleared before we look who runs mm; see mm_switch() */
	smp_call(atomic_load(&mm->cpus), flush_here, &f);
}

/* For kernel_flush_tlb: kernel pages are global, so that reloading CR3 would keep them. */
void tlb_flush_kernel(vaddr_t start, vaddr_t end)
{
	struct flush f = { NULL, start, end };

	irq_disable();
	flush_here(&f);
	irq_enable();
	smp_call(~0UL, flush_here, &f);
}

void tlb_batch_init(struct tlb_batch *b, struct mm *mm)
{
	b->mm = mm;
	b->start = ~0UL;
	b->end = 0;
	b->count = 0;
	list_init(&b->tables);
}

bool tlb_batch_add(struct tlb_batch *b, vaddr_t va, struct frame *f)
{
	b->start = MIN(b->start, va);
	b->end = MAX(b->end, va + PAGE_SIZE);
	if (f)
		b->frames[b->count++] = f;
	return b->count == ARRAY_SIZE(b->frames);
}

void tlb_batch_flush(struct tlb_batch *b)
{
	struct frame *f, *tmp;

	smp_mb();	/* as in tlb_flush_range() */
	if (b->start < b->end && atomic_load(&b->mm->cpus))
		tlb_flush_range(b->mm, b->start, b->end);
	for (int i = 0; i < b->count; i++)
		frame_put(b->frames[i]);
	list_for_each_entry_safe(f, tmp, &b->tables, link) {
		list_del(&f->link);
		frame_put(f);
	}
	tlb_batch_init(b, b->mm);
}
