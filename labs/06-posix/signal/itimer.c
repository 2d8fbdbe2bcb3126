/*
 * Interval timers: alarm(2), setitimer(2).
 *
 * ITIMER_REAL runs on the clock. ITIMER_VIRTUAL and ITIMER_PROF run on the process's CPU time,
 * which advances at most as fast as the clock times the number of CPUs. So when such a timer is to
 * expire after n nanoseconds of CPU time, nothing has to be looked at before n divided by that
 * number has gone by (cpu_time_wait()): an ordinary timer fires then, looks how much is left, and
 * is set again. Nobody pays for this who does not use it.
 */
#include "06-posix/signal/signal.h"
#include "common/abi/resource.h"
#include "common/abi/time.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"

/* By ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. */
static const int itimer_signal[3] = { SIGALRM, SIGVTALRM, SIGPROF };

/* From one expiry to the next. Shorter periods are skipped: the timer interrupt would never end. */
#define PERIOD_MIN_NS	(100 * NSEC_PER_USEC)

/* The clock that `which` runs on, in ns. */
static u64 clock_of(struct itimer *it)
{
	u64 user, system;

	if (it->which == ITIMER_REAL)
		return clock_monotonic();
	process_times(it->process, &user, &system);
	return it->which == ITIMER_VIRTUAL ? user : user + system;
}

/* Start the timer that will look at `it` next, given that its own clock shows `now`. */
/*
 * Lock held. It may fire too early, then it is set again; on CPU time up to CPU_CHECK_NS too late.
 */
static void arm(struct itimer *it, u64 now)
{
	u64 wait = it->expires > now ? it->expires - now : 0;

	if (it->which != ITIMER_REAL)
		wait = cpu_time_wait(now, it->expires);
	timer_start(&it->timer, clock_monotonic() + wait);
}

/*
 * In interrupt context. The signal is sent when the lock is free, because sending takes it. A
 * period is counted from when the timer should have fired, not from now, so that delays do not add
 * up; periods that have gone by altogether are skipped.
 */
static void itimer_fired(struct timer *t)
{
	struct itimer *it = container_of(t, struct itimer, timer);
	struct process_signals *ps = process_signals(it->process);
	u64 now = clock_of(it), then;
	bool expired = false;

	spin_lock(&ps->lock);
	if (it->expires && it->expires <= now) {
		expired = true;
		then = it->interval < PERIOD_MIN_NS ? now + PERIOD_MIN_NS : now;
		if (it->interval)
			it->expires += it->interval * ((then - it->expires) / it->interval + 1);
		else
			it->expires = 0;
	}
	if (it->expires)
		arm(it, now);
	spin_unlock(&ps->lock);
	if (expired)
		signal_send_kernel(it->process, itimer_signal[it->which]);
}

void itimers_init(struct process_signals *ps)
{
	for (int i = 0; i < 3; i++) {
		timer_init(&ps->itimers[i].timer, itimer_fired);
		ps->itimers[i].process = ps->process;
		ps->itimers[i].which = i;
	}
}

/*
 * expires = 0 first and under the lock: a timer that fires right now finds it and does not start
 * itself again. Then the wait for those that are still running, since they use ps.
 */
void itimers_exit(struct process_signals *ps)
{
	for (int i = 0; i < 3; i++) {
		spin_lock(&ps->lock);
		ps->itimers[i].expires = 0;
		spin_unlock(&ps->lock);
		timer_cancel_sync(&ps->itimers[i].timer);
	}
}

static void to_timeval(struct timeval *tv, u64 ns)
{
	tv->tv_sec = ns / NSEC_PER_SEC;
	tv->tv_usec = ns % NSEC_PER_SEC / NSEC_PER_USEC;
}

/* What is left, rounded up to a microsecond: 0 means "off". */
static void read_itimer(struct itimer *it, u64 now, struct itimerval *v)
{
	u64 left = !it->expires ? 0 : it->expires > now ? it->expires - now : NSEC_PER_USEC;

	to_timeval(&v->it_value, left + (left ? NSEC_PER_USEC - 1 : 0));
	to_timeval(&v->it_interval, it->interval);
}

/* Set the current process's timer (value 0: off); *old gets what it was. */
/* Cancelled before the lock is taken: the function that is waited for takes it. */
static void set_itimer(int which, u64 value, u64 interval, struct itimerval *old)
{
	struct process_signals *ps = process_signals(current_process());
	struct itimer *it = &ps->itimers[which];
	u64 now = clock_of(it);

	timer_cancel_sync(&it->timer);
	spin_lock(&ps->lock);
	read_itimer(it, now, old);
	it->expires = value ? now + value : 0;
	it->interval = value ? interval : 0;
	if (value)
		arm(it, now);
	spin_unlock(&ps->lock);
}

SYSCALL2(36, getitimer, int, which, struct itimerval __user *, value)
{
	struct process_signals *ps = process_signals(current_process());
	struct itimerval v;
	u64 now;

	if (which < 0 || which > ITIMER_PROF)
		return -EINVAL;
	now = clock_of(&ps->itimers[which]);
	spin_lock(&ps->lock);
	read_itimer(&ps->itimers[which], now, &v);
	spin_unlock(&ps->lock);
	return put_user(v, value);
}

static bool valid_timeval(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && (unsigned long)tv->tv_usec < 1000000;
}

/* Far-off times are as good as the end of the clock. */
static u64 from_timeval(const struct timeval *tv)
{
	u64 limit = WAIT_FOREVER / 4;

	if ((u64)tv->tv_sec >= limit / NSEC_PER_SEC)
		return limit;
	return tv->tv_sec * NSEC_PER_SEC + tv->tv_usec * NSEC_PER_USEC;
}

SYSCALL3(38, setitimer, int, which, const struct itimerval __user *, new, struct itimerval __user *,
	 old)
{
	struct itimerval v = { 0 }, was;

	if (new && get_user(v, new))
		return -EFAULT;
	if (which < 0 || which > ITIMER_PROF || !valid_timeval(&v.it_value) ||
	    !valid_timeval(&v.it_interval))
		return -EINVAL;
	set_itimer(which, from_timeval(&v.it_value), from_timeval(&v.it_interval), &was);
	return old ? put_user(was, old) : 0;
}

SYSCALL1(37, alarm, unsigned, seconds)
{
	struct itimerval was;

	set_itimer(ITIMER_REAL, seconds * NSEC_PER_SEC, 0, &was);
	/* Rounded, but never 0 when an alarm was pending. */
	if (was.it_value.tv_usec >= 500000 || (!was.it_value.tv_sec && was.it_value.tv_usec))
		was.it_value.tv_sec++;
	return was.it_value.tv_sec;
}
