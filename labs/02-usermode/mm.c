/*
 * Address spaces as a whole: making, switching, and taking them down (contract in mm.h).
 *
 * Loading CR3 is the most expensive thing the kernel does (it empties the TLB), so it is
 * avoided: kernel threads and the idle loop keep the tables of whoever ran before. A CPU
 * is in mm->cpus as long as its CR3 points there; before the tables are freed, all such
 * CPUs are made to leave.
 */
#include "common/atomic.h"
#include "common/panic.h"
#include "common/x86.h"
#include "01-memory/kmem.h"
#include "02-usermode/mm.h"
#include "02-usermode/mm_internal.h"
#include "02-usermode/process.h"
#include "02-usermode/smp.h"

static struct kmem_cache *mm_cache;
struct frame *zero_frame;

/* Whose tables each CPU has loaded; NULL: the kernel's. Changed by that CPU with interrupts off. */
static struct mm *loaded[MAX_CPUS];

void mm_init(void)
{
	mm_cache = kmem_cache_create("mm", sizeof(struct mm), 64, NULL);
	area_cache_init();
	zero_frame = frame_alloc(0, GFP_KERNEL | GFP_ZERO, FRAME_KERNEL);
	if (!mm_cache || !zero_frame)
		panic("mm: no memory");
}

struct mm *mm_create(void)
{
	struct mm *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL | GFP_ZERO);

	if (!mm)
		return NULL;
	mm->pt = pt_new();
	if (!mm->pt) {
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	ref_init(&mm->users, 1);
	rwsem_init(&mm->lock, "mm", RANK_MM);
	spin_init(&mm->pt_lock, "page tables", RANK_PAGE_TABLE);
	mm->areas = RB_ROOT;
	mm->limit_as = mm->limit_data = mm->limit_memlock = ~0UL;
	mm->limit_stack = 8UL << 20;
	return mm;
}

void mm_get(struct mm *mm)
{
	ref_get(&mm->users);
}

void mm_switch(struct mm *prev, struct mm *next)
{
	int cpu = cpu_id();
	struct mm *old = loaded[cpu];

	if (!next || next == old)
		return;
	atomic_fetch_or(&next->cpus, BIT(cpu));
	loaded[cpu] = next;
	write_cr3(virt_to_phys(next->pt));
	if (old)
		atomic_fetch_and(&old->cpus, ~BIT(cpu));
}

/* On a CPU whose tables are going away or need not be kept: back to the kernel's. */
static void leave(void *arg)
{
	int cpu = cpu_id();
	struct mm *mm = arg;

	if (loaded[cpu] != mm || current->mm == mm)
		return;
	loaded[cpu] = NULL;
	write_cr3(virt_to_phys(kernel_pt));
	atomic_fetch_and(&mm->cpus, ~BIT(cpu));
}

void mm_leave_cpus(struct mm *mm)
{
	irq_disable();
	leave(mm);
	irq_enable();
	smp_call(atomic_load(&mm->cpus), leave, mm);
}

bool mm_flush_or_leave(struct mm *mm)
{
	if (loaded[cpu_id()] != mm)
		return false;
	if (current->mm == mm)
		return true;
	leave(mm);
	return false;
}

static int dying;	/* address spaces being taken down */

bool mm_any_dying(void)
{
	return atomic_load(&dying) > 0;
}

void mm_put(struct mm *mm)
{
	if (!ref_put(&mm->users))
		return;
	atomic_inc(&dying);
	mm_leave_cpus(mm);
	mm_destroy_areas(mm);
	if (mm->free_exe)
		mm->free_exe(mm);
	pt_free(mm->pt);
	kmem_cache_free(mm_cache, mm);
	atomic_dec(&dying);
}

void mm_adopt(struct mm *mm)
{
	struct thread *t = current;
	struct process *p = t->process;
	struct mm *old;

	spin_lock(&p->lock);
	old = p->mm;
	if (old)
		p->max_rss_pages = MAX(p->max_rss_pages, mm_peak_resident(old));
	p->mm = mm;
	t->mm = mm;
	spin_unlock(&p->lock);
	irq_disable();
	mm_switch(old, mm);
	irq_enable();
	if (old)
		mm_put(old);
}

/* Without lab 03 there is no copying. */
struct mm *__weak mm_clone(struct mm *parent)
{
	return ERR_PTR(-ENOSYS);
}

/* The tables that hang in the first n entries of a table of `level`, and in those in turn. */
static u64 tables_below(const pte_t *table, int level, int n)
{
	u64 count = 0;

	for (int i = 0; i < n; i++) {
		if ((table[i] & (PTE_PRESENT | PTE_LARGE)) != PTE_PRESENT)
			continue;
		count++;
		if (level > 2)
			count += tables_below(phys_to_virt(pte_phys(table[i])), level - 1,
					      PT_ENTRIES);
	}
	return count;
}

u64 mm_table_pages(const struct mm *mm)
{
	return 1 + tables_below(mm->pt, 4, PT_ENTRIES / 2);
}
