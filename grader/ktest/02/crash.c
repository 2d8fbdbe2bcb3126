/* `crash=NAME` (01/crash.c): the faults that need threads, interrupts or processes. */
#include "common/atomic.h"
#include "common/cmdline.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/string.h"
#include "common/trap.h"
#include "common/x86.h"
#include "02-usermode/mm.h"
#include "02-usermode/mutex.h"
#include "02-usermode/process.h"
#include "02-usermode/smp.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

#define COM2		0x2f8
#define COM2_IRQ	3
#define COM2_VECTOR	(VECTOR_IRQ_BASE + COM2_IRQ)

static DEFINE_SPINLOCK(spinlock, RANK_LEAF);
static struct mutex mutex;

static __noinline void crash_mutex_twice(void)
{
	mutex_init(&mutex, "test", RANK_SLEEP_LEAF);
	mutex_lock(&mutex);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static __noinline void crash_sleeping(void)
{
	spin_lock(&spinlock);
	sleep_until(clock_monotonic() + NSEC_PER_MSEC, WAIT_UNINTERRUPTIBLE);
	spin_unlock(&spinlock);
}

static u64 storms;

/* Forgets to look at the port's registers, which would make it take its request back. */
static void crash_irq_handler(void *arg)
{
	atomic_inc(&storms);
}

/* The port asks for more to send as long as nobody reads what it wants; an idle CPU would not mind.
 */
static __noinline void crash_irq_storm(void)
{
	u64 end = clock_monotonic() + 20 * NSEC_PER_SEC;

	thread_set_affinity(current, BIT(0));	/* where the interrupts go */
	irq_set_handler(COM2_VECTOR, crash_irq_handler, NULL);
	ioapic_route(COM2_IRQ, COM2_VECTOR, true, false);
	outb(COM2 + 1, BIT(1));
	while (clock_monotonic() < end)
		cpu_relax();
	panic("nobody noticed after %llu interrupts", (unsigned long long)storms);
}

/* As process 1, in the kernel: write to more memory than there is. */
static void crash_no_memory(void *arg)
{
	const vaddr_t base = 0x100000000;
	const u64 size = frames_total() << PAGE_SHIFT;
	struct mm *mm = current->mm;

	down_write(&mm->lock);
	mm->limit_as = mm->limit_data = ~0UL;
	mm_map(mm, base, size, VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE, NULL, 0, NULL);
	up_write(&mm->lock);
	for (vaddr_t va = base; va < base + size; va += PAGE_SIZE)
		if (copy_to_user((void __user *)va, "x", 1))
			panic("the copy failed");
	panic("nobody noticed");
}

static void crash_init(void)
{
	const char *name = cmdline_get("crash");

	if (!name)
		return;
	if (!strcmp(name, "mutex_twice"))
		crash_mutex_twice();
	else if (!strcmp(name, "sleeping"))
		crash_sleeping();
	else if (!strcmp(name, "irq_storm"))
		crash_irq_storm();
	else if (!strcmp(name, "no_memory")) {
		thread_begin(process_create_first("init"), crash_no_memory, NULL);
		sleep_until(WAIT_FOREVER, WAIT_UNINTERRUPTIBLE);
	}
}
INITCALL(95, crash_init);
