/* The processes' part of the map of memory (01-memory/memmap.h). */
#include "01-memory/memmap.h"
#include "common/cmdline.h"
#include "common/init.h"
#include "common/panic.h"
#include "02-usermode/mm.h"
#include "02-usermode/process.h"
#include "02-usermode/timer.h"

static void count_page(vaddr_t va, u64 size, pte_t e, void *arg)
{
	*(u64 *)arg += size;
}

static void print_area(const struct process *p, struct vm_area *a)
{
	struct mm *mm = a->mm;
	u64 resident = 0;

	spin_lock(&mm->pt_lock);
	memmap_walk(mm->pt, a->start, a->end, count_page, &resident);
	spin_unlock(&mm->pt_lock);
	memmap_line("user %012lx %012lx %lu %c%c%c%c %lu %d %s", a->start, a->end - 1,
		    (a->end - a->start) >> 10, a->flags & VM_READ ? 'r' : '-',
		    a->flags & VM_WRITE ? 'w' : '-', a->flags & VM_EXEC ? 'x' : '-',
		    a->flags & VM_SHARED ? 's' : 'p', resident >> 10, p->id, p->name);
}

static void print_processes(void)
{
	struct process *p;
	int nr;

	for (nr = 1; (p = process_next(nr)); process_put(p)) {
		struct mm *mm = process_mm(p);

		nr = p->id + 1;
		if (!mm)
			continue;
		down_read(&mm->lock);
		for (struct vm_area *a = mm_first_area(mm); a; a = mm_next_area(a))
			print_area(p, a);
		up_read(&mm->lock);
		mm_put(mm);
	}
}

static void memmap_thread(void *arg)
{
	while (!process_count())
		sleep_until(clock_monotonic() + NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
	sleep_until(clock_monotonic() + cmdline_get_u64("memmap", 0) * NSEC_PER_MSEC,
		    WAIT_UNINTERRUPTIBLE);
	memmap_print();
	print_processes();
	memmap_line("end");
	machine_exit(EXIT_SUCCESS_CODE);
}

static void memmap_init(void)
{
	if (cmdline_has("memmap") && !kthread_create("memmap", memmap_thread, NULL))
		panic("memmap: no memory for its thread");
}
INITCALL(90, memmap_init);
