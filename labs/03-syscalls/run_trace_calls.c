/*
 * System calls for trace= (02-usermode/run_trace.h): with it, every thread has WORK_TRACE from
 * birth, so that calls take the slower way through call_with_work(); without it, a call pays for
 * tracing with nothing but the test of one word that it makes anyway.
 */
#include "03-syscalls/syscall.h"
#include "02-usermode/process.h"
#include "02-usermode/run_trace.h"

static bool begin_call(struct trapframe *f)
{
	const struct syscall *s = syscall_find((u32)f->orig_rax);

	if (run_trace_on())
		run_trace_begin(s ? s->name : "unknown call", f->rdi);
	return true;
}

static void end_call(struct trapframe *f)
{
	if (run_trace_on())
		run_trace_end(f->rax);
}

SYSCALL_WORK(10, run_trace, WORK_TRACE, begin_call, end_call);

static int run_trace_clone(struct thread *child, struct clone *c)
{
	if (run_trace_on())
		atomic_fetch_or(&child->work, WORK_TRACE);
	return 0;
}

static struct part run_trace_part = {
	.name = "trace",
	.scope = PART_THREAD,
	.clone = run_trace_clone,
};
PART(96, run_trace_part);
