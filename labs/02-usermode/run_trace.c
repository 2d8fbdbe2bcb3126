/*
 * Recording what happens (contract in run_trace.h).
 *
 * Each CPU has a ring of its own. A place in it is taken by one atomic addition, so an interrupt
 * may record in between, and so may a thread that has just moved to another CPU. In the output a
 * line is
 *
 *	TIME CPU S PID TID STATE NAME	the CPU goes to this thread; STATE: the last one's
 *	TIME CPU B PID TID VALUE NAME	this thread begins something
 *	TIME CPU E PID TID VALUE	and ends what it began last
 *
 * with the time in ns, the lines of one CPU after those of another, and each CPU's in order.
 */
#include "02-usermode/run_trace.h"
#include "common/cmdline.h"
#include "common/debugcon.h"
#include "common/init.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "01-memory/pagetable.h"
#include "02-usermode/process.h"
#include "02-usermode/sched.h"
#include "02-usermode/timer.h"

CMDLINE_WORD(trace, "trace");

struct event {
	u64 time, value;
	const char *what;
	int pid, tid;
	char kind, name[16];
};

static struct ring {
	struct event *events;
	u64 count;		/* ever recorded */
} __aligned(64) rings[MAX_CPUS];
static u64 size;		/* events per ring; 0: off */

bool run_trace_on(void)
{
	return size;
}

static struct event *record(char kind, const struct thread *t, u64 value)
{
	struct ring *r = &rings[cpu_id()];
	struct event *e = &r->events[atomic_fetch_add(&r->count, 1) % size];

	e->time = clock_monotonic();
	e->kind = kind;
	e->pid = t->process->id;
	e->tid = t->tid;
	e->value = value;
	return e;
}

static void on_switch(const struct thread *prev, const struct thread *next)
{
	strlcpy(record('S', next, prev->state)->name, next->name, sizeof(next->name));
}

void run_trace_begin(const char *what, u64 value)
{
	if (current)
		record('B', current, value)->what = what;
}

void run_trace_end(u64 value)
{
	if (current)
		record('E', current, value);
}

/* ---- faults and INT 0x80 ------------------------------------------------------------------- */

static trap_handler page_fault, int80;

static bool on_page_fault(struct trap *t)
{
	bool done;

	run_trace_begin("page fault", t->address);
	done = page_fault(t);
	run_trace_end(done);
	return done;
}

static bool on_int80(struct trap *t)
{
	bool done;

	run_trace_begin("int 0x80", t->frame->rax);
	done = int80(t);
	run_trace_end(t->frame->rax);
	return done;
}

/* ---- output -------------------------------------------------------------------------------- */

static void write_event(int cpu, const struct event *e)
{
	char line[128];
	const char *format =
		e->kind == 'B' ? "%lu %d %c %d %d %#lx %s\n" : "%lu %d %c %d %d %ld %s\n";
	size_t n = snprintf(line, sizeof(line), format, e->time, cpu, e->kind, e->pid, e->tid,
			    e->value,
			    e->kind == 'S' ? e->name : e->kind == 'B' ? e->what : "");

	debugcon_write(line, n);
}

static void write_all(void)
{
	u64 n = size;

	sched_switch_hook = NULL;
	machine_ending = NULL;
	for (int cpu = 0; cpu < cpu_count; cpu++) {
		const struct ring *r = &rings[cpu];

		for (u64 i = r->count > n ? r->count - n : 0; i < r->count; i++)
			write_event(cpu, &r->events[i % n]);
	}
	debugcon_write("end\n", 4);
}

static void run_trace_init(void)
{
	u64 n = cmdline_get_u64("trace", 0) * 1024;

	if (!n || !debugcon_present())
		return;
	for (int cpu = 0; cpu < cpu_count; cpu++) {
		rings[cpu].events = vmalloc(n * sizeof(struct event), GFP_KERNEL | GFP_ZERO);
		if (!rings[cpu].events) {
			printk("trace: no memory for %lu events\n", n);
			return;
		}
	}
	size = n;
	page_fault = trap_set_handler(TRAP_PAGE_FAULT, on_page_fault);
	int80 = trap_set_handler(VECTOR_SYSCALL, on_int80);
	machine_ending = write_all;
	sched_switch_hook = on_switch;
}
INITCALL(31, run_trace_init);
