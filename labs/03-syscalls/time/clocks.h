/* Between nanoseconds and the structs that user programs know. */
#pragma once

#include "common/abi/time.h"
#include "common/types.h"

static inline struct timespec ns_to_timespec(u64 ns)
{
	return (struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
}

static inline struct timeval ns_to_timeval(u64 ns)
{
	return (struct timeval){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC };
}

static inline bool timespec_valid(const struct timespec *t)
{
	return t->tv_sec >= 0 && (u64)t->tv_nsec < NSEC_PER_SEC;
}

/* Of a valid timespec; times beyond what 64 bits hold (292 years) become the largest. */
static inline u64 timespec_to_ns(const struct timespec *t)
{
	if ((u64)t->tv_sec >= INT64_MAX / NSEC_PER_SEC)
		return INT64_MAX;
	return t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}

/*
 * now + interval, without running over; never WAIT_FOREVER, which as a deadline has a meaning of
 * its own.
 */
static inline u64 deadline_after(u64 now, u64 interval)
{
	return interval >= INT64_MAX - now ? INT64_MAX : now + interval;
}

struct process;
struct thread;

/*
 * The clock that a timer of this one runs by: the alarm clocks would wake the machine from its
 * sleep, which it never takes. -EPERM without CAP_WAKE_ALARM.
 */
int clock_without_alarm(int clock);

/* Does the clock measure the CPU time of a process or a thread? */
static inline bool is_cpu_clock(int clock)
{
	return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID ||
	       (clock < 0 && (clock & CPUCLOCK_CLOCK_MASK) <= CPUCLOCK_SCHED);
}
/*
 * Whose time such a clock measures, with a reference: a thread of the current process in *t, or a
 * process in *p (the other is NULL). 0, or -EINVAL if there is none.
 */
int cpu_clock_owner(int clock, struct process **p, struct thread **t);
/* What it shows for that process or thread, in ns. Not with a process's lock held. */
u64 cpu_clock_time(int clock, struct process *p, struct thread *t);
/*
 * The value of any clock that clock_gettime(2) knows, in ns: 0, or -EINVAL. The CPU-time clocks of
 * other processes and threads too.
 */
int clock_read(int clock, u64 *ns);
