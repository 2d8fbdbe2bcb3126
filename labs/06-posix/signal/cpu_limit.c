/*
 * RLIMIT_CPU (setrlimit(2)): a process that has used the soft limit's seconds of CPU time gets
 * SIGXCPU, and again after each second more; at the hard limit it is killed. As on Linux the soft
 * limit itself moves on by that second, which getrlimit(2) shows.
 *
 * CPU time is looked at as interval timers do it (itimer.c): by an ordinary timer, at the earliest
 * moment at which the limit can be reached. The process's timer runs only if it has a limit.
 */
#include "06-posix/signal/signal.h"
#include "common/abi/resource.h"
#include "common/init.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/process/limits.h"

static u64 cpu_time(struct process *p)
{
	u64 user, system;

	process_times(p, &user, &system);
	return user + system;
}

/* In ns; a limit beyond the end of the clock is none. */
static u64 limit_ns(u64 seconds)
{
	return MIN(seconds, WAIT_FOREVER / NSEC_PER_SEC) * NSEC_PER_SEC;
}

/* The next look at CPU time, unless the process has no limit or is about to end. */
static void arm(struct process_signals *ps, u64 used, u64 soft)
{
	if (soft == RLIM_INFINITY)
		return;
	spin_lock(&ps->lock);
	if (!ps->exiting)
		timer_start(&ps->cpu_limit, clock_monotonic() + cpu_time_wait(used, limit_ns(soft)));
	spin_unlock(&ps->lock);
}

static void cpu_limit_fired(struct timer *t)
{
	struct process_signals *ps = container_of(t, struct process_signals, cpu_limit);
	struct process *p = ps->process;
	u64 hard, soft = process_rlimit(p, RLIMIT_CPU, &hard), used = cpu_time(p);

	if (used >= limit_ns(hard)) {
		signal_send_kernel(p, SIGKILL);
		return;
	}
	if (used >= limit_ns(soft)) {
		signal_send_kernel(p, SIGXCPU);
		limits_set_soft(p, RLIMIT_CPU, ++soft);
	}
	arm(ps, used, soft);
}

void cpu_limit_init(struct process_signals *ps)
{
	timer_init(&ps->cpu_limit, cpu_limit_fired);
}

void cpu_limit_start(struct process *p)
{
	arm(process_signals(p), cpu_time(p), process_rlimit(p, RLIMIT_CPU, NULL));
}

void cpu_limit_exit(struct process_signals *ps)
{
	spin_lock(&ps->lock);
	ps->exiting = true;
	spin_unlock(&ps->lock);
	timer_cancel_sync(&ps->cpu_limit);
}

static void cpu_limit_hook(void)
{
	cpu_limit_changed = cpu_limit_start;
}
INITCALL(50, cpu_limit_hook);
