/*
 * nanosleep(2) and clock_nanosleep(2). A relative sleep that a signal interrupts is continued by
 * restart_syscall(2), so that it ends at the time it would have ended; an absolute one is simply
 * called again. A sleep until a time of the realtime clock looks anew when that is set.
 *
 * All sleeps are until a deadline of the monotonic clock. A relative one is turned into one at
 * once, even on the realtime clock: setting the time does not make it longer (POSIX
 * clock_nanosleep()).
 */
#include "03-syscalls/restart.h"
#include "03-syscalls/syscall.h"
#include "03-syscalls/time/clocks.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

/* Arguments of the restart block. */
enum { ARG_DEADLINE, ARG_REMAINING };

/* Tell the user how much is left of a sleep that was interrupted. */
static int put_remaining(u64 deadline, struct timespec __user *user)
{
	u64 now = clock_monotonic();
	struct timespec t = ns_to_timespec(deadline > now ? deadline - now : 0);

	return user && put_user(t, user) ? -EFAULT : 0;
}

static long sleep_relative(u64 deadline, struct timespec __user *remaining);

static long continue_sleep(struct restart_block *r)
{
	struct timespec __user *remaining = (struct timespec __user *)r->arg[ARG_REMAINING];

	return sleep_relative(r->arg[ARG_DEADLINE], remaining);
}

/*
 * The rest is told before anybody knows whether the sleep goes on: if a handler runs, the call
 * returns EINTR and the program finds it; if not, it is overwritten or means nothing.
 */
static long sleep_relative(u64 deadline, struct timespec __user *remaining)
{
	struct restart_block *r;
	int error = sleep_until(deadline, WAIT_INTERRUPTIBLE);

	if (error != -ERESTARTSYS)
		return 0;
	if (put_remaining(deadline, remaining))
		return -EFAULT;
	r = restart_block_new(continue_sleep);
	if (!r)
		return -EINTR;
	r->arg[ARG_DEADLINE] = deadline;
	r->arg[ARG_REMAINING] = (u64)remaining;
	return -ERESTART_RESTARTBLOCK;
}

static u64 realtime_offset(void)
{
	return clock_realtime() - clock_monotonic();
}

/*
 * Equal but for the time between reading the two clocks. Unsigned: a - b + 1 ms <= 2 ms is |a - b|
 * <= 1 ms.
 */
static bool same_offset(u64 a, u64 b)
{
	return a - b + NSEC_PER_MSEC <= 2 * NSEC_PER_MSEC;
}

/*
 * Until `when` on the realtime clock, however often somebody sets it meanwhile: setting wakes
 * clock_was_set, and the deadline on the monotonic clock is computed anew.
 */
static int sleep_realtime(u64 when)
{
	for (;;) {
		u64 offset = realtime_offset();
		u64 deadline = (s64)(when - offset) < 0 ? 0 : when - offset;
		int error =
			wait_event_until(&clock_was_set, !same_offset(offset, realtime_offset()),
					 WAIT_INTERRUPTIBLE, deadline);

		/*
		 * If it was set back in the meantime, the deadline has passed and the time has not
		 * come.
		 */
		if (error == -ETIMEDOUT && clock_realtime() >= when)
			return 0;
		if (error == -ERESTARTSYS)
			return error;
	}
}

SYSCALL2(35, nanosleep, const struct timespec __user *, user, struct timespec __user *, remaining)
{
	struct timespec t;

	if (get_user(t, user))
		return -EFAULT;
	if (!timespec_valid(&t))
		return -EINVAL;
	return sleep_relative(deadline_after(clock_monotonic(), timespec_to_ns(&t)), remaining);
}

/* A sleep on CPU time: looked at from time to time, as nobody waits for it in earnest. */
static long sleep_cpu_time(int clock, u64 until)
{
	u64 now;
	int error;

	for (;;) {
		error = clock_read(clock, &now);
		if (error || now >= until)
			return error;
		error = sleep_until(clock_monotonic() + MAX(until - now, NSEC_PER_MSEC),
				    WAIT_INTERRUPTIBLE);
		if (error == -ERESTARTSYS)
			return -ERESTARTNOHAND;
	}
}

/*
 * Which clocks one can sleep on: 0, -EINVAL, -EOPNOTSUPP. A thread that sleeps uses no CPU time, so
 * its own clock would never get there (clock_nanosleep(2)).
 */
static int check_clock(int clock)
{
	u64 ns;

	switch (clock) {
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_COARSE:
		return -EOPNOTSUPP;
	}
	return clock_read(clock, &ns);
}

/*
 * An interrupted sleep is made again with the same time unless a handler ran: nothing has to be
 * noted.
 */
static long sleep_absolute(int clock, u64 when)
{
	bool realtime = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM ||
			clock == CLOCK_TAI;
	int error = realtime ? sleep_realtime(when) : sleep_until(when, WAIT_INTERRUPTIBLE);

	return error == -ERESTARTSYS ? -ERESTARTNOHAND : 0;
}

SYSCALL4(230, clock_nanosleep, int, clock, int, flags, const struct timespec __user *, user,
	 struct timespec __user *, remaining)
{
	int error = check_clock(clock);
	struct timespec t;
	u64 ns, now;

	if (error)
		return error;
	if (get_user(t, user))
		return -EFAULT;
	if (!timespec_valid(&t))
		return -EINVAL;
	ns = timespec_to_ns(&t);
	if (clock == CLOCK_PROCESS_CPUTIME_ID || clock < 0) {
		error = flags & TIMER_ABSTIME ? 0 : clock_read(clock, &now);
		return error ? error : sleep_cpu_time(clock, flags & TIMER_ABSTIME ? ns : now + ns);
	}
	if (flags & TIMER_ABSTIME)
		return sleep_absolute(clock, ns);
	return sleep_relative(deadline_after(clock_monotonic(), ns), remaining);
}
