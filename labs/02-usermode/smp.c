/*
 * The other CPUs: starting them, stopping them, and running a function on them
 * (contract in smp.h).
 *
 * A CPU starts in real mode at the copy of trampoline.S below 1 MiB, comes through
 * to long mode on the boot page tables, takes the stack of its idle thread, and is then
 * told by its struct cpu who it is.
 */
#include "common/asm.h"
#include "common/atomic.h"
#include "common/cmdline.h"
#include "common/cpu.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/spinlock.h"
#include "common/string.h"
#include "common/trap.h"
#include "common/x86.h"
#include "01-memory/pagetable.h"
#include "02-usermode/apic.h"
#include "02-usermode/clock.h"
#include "02-usermode/fpu.h"
#include "02-usermode/sched.h"
#include "02-usermode/smp.h"
#include "02-usermode/timer.h"
#include "02-usermode/user.h"

/* One call in flight per caller: the kernel is not preempted, and interrupts do not call. */
static struct call {
	void (*fn)(void *arg);
	void *arg;
	u64 pending;			/* CPUs that have not run it yet */
} __aligned(64) calls[MAX_CPUS];

static u64 requests[MAX_CPUS];		/* by target: which callers want something */

static void serve_calls(void *unused)
{
	int me = cpu_id();
	u64 from = atomic_xchg(&requests[me], 0);

	for (; from; from &= from - 1) {
		struct call *c = &calls[__builtin_ctzl(from)];

		c->fn(c->arg);
		atomic_fetch_and(&c->pending, ~BIT(me));
	}
}

void smp_call(u64 mask, void (*fn)(void *arg), void *arg)
{
	int me = cpu_id();
	struct call *c = &calls[me];

	mask &= ~BIT(me) & (BIT(cpu_count) - 1);
	if (!mask)
		return;
	if (!irqs_on() || irq_depth())
		panic("smp_call: with interrupts off two callers would wait for each other");
	c->fn = fn;
	c->arg = arg;
	atomic_store(&c->pending, mask);
	for (u64 m = mask; m; m &= m - 1) {
		int cpu = __builtin_ctzl(m);

		atomic_fetch_or(&requests[cpu], BIT(me));
		apic_send_ipi(cpu, VECTOR_CALL);
	}
	while (atomic_load(&c->pending))
		cpu_relax();
}

void smp_reschedule(int cpu)
{
	if (cpus[cpu].online)
		apic_send_ipi(cpu, VECTOR_RESCHEDULE);
}

/* The interrupt itself was the message: the way back looks at the work bits. */
static void reschedule_interrupt(void *unused)
{
}

static void stop_this_cpu(void *unused)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* For panic(), which waits for nobody. */
static void stop_others(void)
{
	for (int i = 0; i < cpu_count; i++)
		if (i != cpu_id() && cpus[i].online)
			apic_send_ipi(i, VECTOR_STOP);
}

/* What the trampoline finds at its end; offsets are in trampoline.S. */
struct trampoline_args {
	u64 stack, entry, cpu;
};

extern char trampoline_start[], trampoline_end[], trampoline_args[];
#define TRAMPOLINE_PAGE	0x8000UL	/* conventional memory, never given to the allocator */

static bool started;	/* by the CPU that is coming up */

static void __noreturn secondary_main(int id)
{
	cpu_init(id, madt_apic_ids[id]);
	write_cr3(virt_to_phys(kernel_pt));
	fpu_init_cpu();
	apic_init_cpu();
	timer_init_cpu();
	sched_init_cpu(cpus[id].thread);
	usermode_init_cpu();
	atomic_store(&started, true);
	sched_idle();
}

static void wait_ms(unsigned ms)
{
	u64 end = clock_monotonic() + ms * NSEC_PER_MSEC;

	while (clock_monotonic() < end && !atomic_load(&started))
		cpu_relax();
}

static bool start_cpu(int id)
{
	struct thread *idle = thread_create_idle(id);
	struct trampoline_args *args =
		phys_to_virt(TRAMPOLINE_PAGE + (trampoline_args - trampoline_start));

	if (!idle)
		return false;
	*args = (struct trampoline_args){
		.stack = (u64)idle->stack + KERNEL_STACK_SIZE,
		.entry = (u64)secondary_main,
		.cpu = id,
	};
	cpus[id].thread = idle;
	cpus[id].apic_id = madt_apic_ids[id];
	started = false;
	apic_send_init(madt_apic_ids[id]);
	wait_ms(10);
	for (int try = 0; try < 2 && !atomic_load(&started); try++) {
		apic_send_startup(madt_apic_ids[id], TRAMPOLINE_PAGE);
		wait_ms(try ? 1000 : 20);
	}
	return started;
}

/* The boot CPU first, whatever place the firmware gave it. */
static void order_cpus(void)
{
	for (int i = 1; i < madt_cpu_count; i++)
		if (madt_apic_ids[i] == cpus[0].apic_id) {
			madt_apic_ids[i] = madt_apic_ids[0];
			madt_apic_ids[0] = cpus[0].apic_id;
		}
}

void smp_start(void)
{
	int limit = cmdline_has("nosmp") ? 1 : cmdline_get_u64("maxcpus", MAX_CPUS);

	irq_set_handler(VECTOR_CALL, serve_calls, NULL);
	irq_set_handler(VECTOR_RESCHEDULE, reschedule_interrupt, NULL);
	irq_set_handler(VECTOR_STOP, stop_this_cpu, NULL);
	stop_other_cpus = stop_others;
	order_cpus();
	memcpy(phys_to_virt(TRAMPOLINE_PAGE), trampoline_start, trampoline_end - trampoline_start);
	for (int id = 1; id < madt_cpu_count && id < limit; id++) {
		if (!start_cpu(id)) {
			printk("smp: CPU %d (APIC %u) did not start\n", id, madt_apic_ids[id]);
			break;
		}
		cpu_count = id + 1;
	}
	pr_info("smp: %d CPU%s\n", cpu_count, cpu_count == 1 ? "" : "s");
}
