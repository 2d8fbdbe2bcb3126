/*
 * Reading and setting clocks: clock_gettime(2) and all the older calls. Every clock is lab 02's
 * monotonic one with something added, or the CPU time of a thread or a process.
 *
 * The monotonic clock counts from boot and never jumps; timers and timeouts go by it. The realtime
 * clock is the same with an offset, and setting the time changes the offset. There is no suspend
 * and no leap second here, so CLOCK_BOOTTIME equals the one and CLOCK_TAI the other.
 *
 * A negative clock number names the CPU time of any process or thread (clock_getcpuclockid(3)): the
 * number of the process or thread, inverted, above three bits that say what is measured and of
 * what.
 */
#include "03-syscalls/time/clocks.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "common/string.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"

/*
 * Programs take a coarse clock because it is cheap, not because it is coarse; but it may not seem
 * finer than clock_getres(2) says.
 */
static u64 coarse(u64 ns)
{
	return ns - ns % COARSE_NS;
}

int clock_without_alarm(int clock)
{
	if (clock != CLOCK_REALTIME_ALARM && clock != CLOCK_BOOTTIME_ALARM)
		return clock;
	if (!capable(CAP_WAKE_ALARM))
		return -EPERM;
	return clock == CLOCK_REALTIME_ALARM ? CLOCK_REALTIME : CLOCK_BOOTTIME;
}

int cpu_clock_owner(int clock, struct process **p, struct thread **t)
{
	int nr = clock < 0 ? ~(clock >> 3) : 0;

	*p = NULL;
	*t = NULL;
	if (clock == CLOCK_THREAD_CPUTIME_ID ||
	    (clock < 0 && (clock & CPUCLOCK_PERTHREAD))) {
		*t = nr ? thread_find(nr) : current;
		if (!nr)
			thread_get(*t);
		if (!*t)
			return -EINVAL;
		/*
		 * Other processes' clocks can be read, threads' only within one's own (as on
		 * Linux).
		 */
		if ((*t)->process != current_process()) {
			thread_put(*t);
			*t = NULL;
			return -EINVAL;
		}
		return 0;
	}
	*p = nr ? process_find(nr) : current_process();
	if (!nr)
		process_get(*p);
	return *p ? 0 : -EINVAL;
}

u64 cpu_clock_time(int clock, struct process *p, struct thread *t)
{
	u64 user, system;

	if (t)
		thread_times(t, &user, &system);
	else
		process_times(p, &user, &system);
	return clock < 0 && (clock & CPUCLOCK_CLOCK_MASK) == CPUCLOCK_VIRT ? user : user + system;
}

/* The reference keeps a process that ends meanwhile: its last figures are the answer. */
static int cpu_clock_read(int clock, u64 *ns)
{
	struct process *p;
	struct thread *t;
	int error = cpu_clock_owner(clock, &p, &t);

	if (error)
		return error;
	*ns = cpu_clock_time(clock, p, t);
	if (t)
		thread_put(t);
	if (p)
		process_put(p);
	return 0;
}

/* The raw clock is the plain one, as nobody disciplines that (adjust() below). */
int clock_read(int clock, u64 *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*ns = clock_realtime();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*ns = clock_monotonic();
		return 0;
	case CLOCK_REALTIME_COARSE:
		*ns = coarse(clock_realtime());
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*ns = coarse(clock_monotonic());
		return 0;
	}
	return is_cpu_clock(clock) ? cpu_clock_read(clock, ns) : -EINVAL;
}

static int put_timespec(u64 ns, struct timespec __user *user)
{
	struct timespec t = ns_to_timespec(ns);

	return copy_to_user(user, &t, sizeof(t)) ? -EFAULT : 0;
}

/* The hottest call of many programs; from lab 07 on they mostly ask the vDSO instead. */
SYSCALL2(228, clock_gettime, int, clock, struct timespec __user *, user)
{
	u64 ns;
	int error = clock_read(clock, &ns);

	return error ? error : put_timespec(ns, user);
}

/* 1 ns: what the time stamp counter can tell, not how precisely a sleep ends. */
SYSCALL2(229, clock_getres, int, clock, struct timespec __user *, user)
{
	u64 ns;
	int error = clock_read(clock, &ns);

	if (error || !user)
		return error;
	if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		return put_timespec(COARSE_NS, user);
	return put_timespec(1, user);
}

/* EINVAL comes before EPERM, as on Linux. */
static long set_realtime(const struct timespec *t)
{
	if (!timespec_valid(t))
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	clock_set_realtime(timespec_to_ns(t));
	return 0;
}

SYSCALL2(227, clock_settime, int, clock, const struct timespec __user *, user)
{
	struct timespec t;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	if (get_user(t, user))
		return -EFAULT;
	return set_realtime(&t);
}

/* Only stored and given back, as on Linux: the kernel does not use it. */
static struct timezone timezone;

SYSCALL2(96, gettimeofday, struct timeval __user *, tv, struct timezone __user *, tz)
{
	if (tv && put_user(ns_to_timeval(clock_realtime()), tv))
		return -EFAULT;
	return tz ? put_user(timezone, tz) : 0;
}

SYSCALL2(164, settimeofday, const struct timeval __user *, user, const struct timezone __user *, tz)
{
	struct timezone zone;
	struct timeval tv;
	struct timespec t;

	if (user) {
		if (get_user(tv, user))
			return -EFAULT;
		if ((u64)tv.tv_usec >= 1000000)
			return -EINVAL;
	}
	if (tz && get_user(zone, tz))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	/* With only a zone the clock stays as it is: that is what hwclock(8) does at boot. */
	if (tz) {
		if (zone.tz_minuteswest > 15 * 60 || zone.tz_minuteswest < -15 * 60)
			return -EINVAL;
		timezone = zone;
	}
	if (!user)
		return 0;
	t = (struct timespec){ tv.tv_sec, tv.tv_usec * NSEC_PER_USEC };
	return set_realtime(&t);
}

SYSCALL1(201, time, time_t __user *, user)
{
	time_t now = clock_realtime() / NSEC_PER_SEC;

	return user && put_user(now, user) ? -EFAULT : now;
}

/*
 * The clock is not disciplined: only its state can be asked for, and the answer is "not
 * synchronised" with the largest error there is (adjtimex(2)).
 */
static long adjust(struct timex __user *user)
{
	struct timex t;

	if (copy_from_user(&t, user, sizeof(t)))
		return -EFAULT;
	if (t.modes && t.modes != ADJ_OFFSET_SS_READ)
		return capable(CAP_SYS_TIME) ? -EOPNOTSUPP : -EPERM;
	memset(&t, 0, sizeof(t));
	t.maxerror = t.esterror = 16000000;
	t.status = STA_UNSYNC;
	t.constant = 2;
	t.precision = 1;
	t.tolerance = 32768000;
	t.tick = 10000;
	t.time = ns_to_timeval(clock_realtime());
	return copy_to_user(user, &t, sizeof(t)) ? -EFAULT : TIME_ERROR;
}

SYSCALL1(159, adjtimex, struct timex __user *, user)
{
	return adjust(user);
}

SYSCALL2(305, clock_adjtime, int, clock, struct timex __user *, user)
{
	return clock == CLOCK_REALTIME ? adjust(user) : -EINVAL;
}
