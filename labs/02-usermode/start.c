/*
 * Start-up (contract in start.h).
 *
 * Before threads exist everything runs on the boot stack with interrupts off; the
 * rest, which may sleep, runs in the thread "main" while the boot stack idles.
 */
#include "common/console.h"
#include "common/cpu.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/trap.h"
#include "common/x86.h"
#include "01-memory/kmem.h"
#include "01-memory/pagetable.h"
#include "02-usermode/clock.h"
#include "02-usermode/fpu.h"
#include "02-usermode/mm_internal.h"
#include "02-usermode/sched.h"
#include "02-usermode/smp.h"
#include "02-usermode/start.h"
#include "02-usermode/user.h"

#define SERIAL1_IRQ	4

static void start_memory(void)
{
	frame_init();
	kmem_init();
	pagetable_init();
}

static void start_interrupts(void)
{
	clock_init();
	apic_init();
	timer_init_cpu();
	user_init();
	irq_set_handler(VECTOR_IRQ_BASE + SERIAL1_IRQ, serial_irq, NULL);
	ioapic_route_isa(SERIAL1_IRQ, VECTOR_IRQ_BASE + SERIAL1_IRQ);
	serial_enable_irq();
}

static void start_threads(void)
{
	struct thread *idle;

	mm_init();
	fpu_init_cpu();
	process_init();
	idle = thread_create_idle(0);
	if (!idle)
		panic("start: no memory for the first thread");
	sched_init_cpu(idle);
	kernel_flush_tlb = tlb_flush_kernel;
}

static void main_thread(void *fn)
{
	void (*main_fn)(void) = fn;

	smp_start();
	run_initcalls(30, 100);
	main_fn();
}

void kernel_start(void (*main_fn)(void))
{
	start_memory();
	run_initcalls(0, 20);
	start_interrupts();
	start_threads();
	run_initcalls(20, 30);
	usermode_init_cpu();
	if (!kthread_create("main", main_thread, main_fn))
		panic("start: no memory for the main thread");
	sched_idle();
}
