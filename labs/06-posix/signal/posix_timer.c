/*
 * Timers that a process makes by number: timer_create(2) and its family.
 *
 * A timer owns one queue entry for its signal. While that is pending further expiries are only
 * counted (timer_getoverrun(2)): the timer rests, and when the signal is taken the missed periods
 * are computed and it is set again. So a slow program is never flooded.
 *
 * An absolute time on CLOCK_REALTIME is one of that clock, whatever it is set to meanwhile; a
 * relative one runs on the monotonic clock.
 *
 * Protected by process_signals.lock; a timer is deleted only after timer_cancel_sync().
 */
#include "06-posix/signal/signal.h"
#include "common/abi/resource.h"
#include "common/abi/time.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "03-syscalls/time/clocks.h"

#define IGNORED_NS	(10 * NSEC_PER_MSEC)
#define TIMERS_MAX	65536

struct posix_timer {
	struct list_head link;
	int id, clock, notify;
	struct process *process;
	struct thread *target;		/* SIGEV_THREAD_ID: who gets the signal; held, or NULL */
	/* whose CPU time `clock` is: one of them, held, or neither */
	struct process *measured;
	struct thread *measured_thread;
	struct timer timer;
	struct sigqueue *entry;		/* NULL for SIGEV_NONE */
	bool absolute;			/* expires at a time of the clock, also when that is set */
	struct wait_entry clock_set;	/* in clock_was_set, if `clock` can be set */
	u64 expires, interval;		/* ns of clock_of(); 0: off */
	int overrun, last_overrun;
};

static u64 timer_cpu_time(const struct posix_timer *t)
{
	return is_cpu_clock(t->clock) ?
	       cpu_clock_time(t->clock, t->measured, t->measured_thread) : 0;
}

/*
 * What the clock of t shows; cpu: its CPU time, if it is such a clock, which cannot be asked for
 * with the lock held.
 */
static u64 clock_of(const struct posix_timer *t, u64 cpu)
{
	switch (t->clock) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
		return t->absolute ? clock_realtime() : clock_monotonic();
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		return clock_monotonic();
	default:
		return cpu;
	}
}

static void arm(struct posix_timer *t, u64 now)
{
	u64 wait = t->expires > now ? t->expires - now : 0;

	if (t->notify == SIGEV_NONE)
		return;
	if (is_cpu_clock(t->clock))
		wait = cpu_time_wait(now, t->expires);
	timer_start(&t->timer, clock_monotonic() + wait);
}

/* Move a periodic timer's expiry beyond now; returns how many periods that were. */
static u64 forward(struct posix_timer *t, u64 now)
{
	u64 n;

	if (!t->interval || t->expires > now)
		return 0;
	n = (now - t->expires) / t->interval + 1;
	t->expires += n * t->interval;
	return n;
}

/*
 * In interrupt context. A timer that fires too early (CPU time runs slower than the clock, or the
 * clock has been set) is set again. While its signal is pending it is not: posix_timer_delivered()
 * does that, when somebody takes it.
 */
static void posix_timer_fired(struct timer *timer)
{
	struct posix_timer *t = container_of(timer, struct posix_timer, timer);
	struct process_signals *ps = process_signals(t->process);
	u64 now = clock_of(t, timer_cpu_time(t));

	spin_lock(&ps->lock);
	if (!t->expires || t->expires > now) {
		if (t->expires)
			arm(t, now);
		spin_unlock(&ps->lock);
		return;
	}
	t->overrun = 0;
	t->entry->info.si_overrun = 0;
	spin_unlock(&ps->lock);
	if (signal_send_queued(t->process, t->notify == SIGEV_THREAD_ID ? t->target : NULL,
			       t->entry))
		return;
	/*
	 * Ignored: nobody will take it, so go on by ourselves. Not at once, however short the
	 * period: the timer interrupt would never end.
	 */
	spin_lock(&ps->lock);
	if (forward(t, now) && list_empty(&t->entry->link))
		timer_start(&t->timer, clock_monotonic() + MAX(t->expires - now, IGNORED_NS));
	else if (!t->interval)
		t->expires = 0;
	spin_unlock(&ps->lock);
}

static bool can_be_set(const struct posix_timer *t)
{
	return t->entry && (t->clock == CLOCK_REALTIME || t->clock == CLOCK_TAI);
}

/* Somebody set the clock: look at the timer at once. With the lock of clock_was_set. */
static bool clock_set(struct wait_entry *e, u64 key)
{
	struct posix_timer *t = container_of(e, struct posix_timer, clock_set);

	if (t->absolute)
		timer_start(&t->timer, 0);
	return false;
}

/*
 * The signal that the program takes stands for one expiry; the overrun says how many more there
 * were until now (timer_getoverrun(2)). For a CPU clock, which cannot be read under the lock,
 * "now" is the expiry itself.
 */
void posix_timer_delivered(struct posix_timer *t, struct siginfo *info)
{
	u64 now = clock_of(t, t->expires), n;

	if (t->interval) {
		n = forward(t, now);
		t->overrun = n ? MIN(n - 1, 0x7fffffffUL) : 0;
		arm(t, now);
	} else {
		t->expires = 0;
	}
	t->last_overrun = t->overrun;
	info->si_overrun = t->overrun;
}

/* The signal was flushed (ignored, or cancelled by its opposite): the periods go on. */
void posix_timer_dropped(struct posix_timer *t)
{
	u64 now = clock_of(t, t->expires);

	if (forward(t, now))
		arm(t, now);
}

/* The current process's timer, or NULL. Lock held. */
static struct posix_timer *find(struct process_signals *ps, int id)
{
	struct posix_timer *t;

	list_for_each_entry(t, &ps->posix_timers, link)
		if (t->id == id)
			return t;
	return NULL;
}

/* The entry is the caller's business. */
static void free_timer(struct posix_timer *t)
{
	if (t->target)
		thread_put(t->target);
	if (t->measured)
		process_put(t->measured);
	if (t->measured_thread)
		thread_put(t->measured_thread);
	kfree(t);
}

/* Stop it for good and free it. It is off the list already. */
static void destroy(struct process_signals *ps, struct posix_timer *t)
{
	spin_lock(&ps->lock);
	t->expires = 0;
	t->interval = 0;
	spin_unlock(&ps->lock);
	if (can_be_set(t))
		wait_queue_remove(&clock_was_set, &t->clock_set);
	timer_cancel_sync(&t->timer);
	spin_lock(&ps->lock);
	ps->timers--;
	if (t->entry && !list_empty(&t->entry->link)) {
		t->entry->timer = NULL;		/* pending: the queue owns it from now on */
		ps->queued++;
		t->entry = NULL;
	}
	spin_unlock(&ps->lock);
	if (t->entry)
		sigqueue_free(t->entry);
	free_timer(t);
}

void posix_timers_exit(struct process_signals *ps)
{
	struct posix_timer *t;

	for (;;) {
		spin_lock(&ps->lock);
		t = list_empty(&ps->posix_timers) ? NULL :
		    list_first_entry(&ps->posix_timers, struct posix_timer, link);
		if (t)
			list_del(&t->link);
		spin_unlock(&ps->lock);
		if (!t)
			return;
		destroy(ps, t);
	}
}

/* Which clocks a timer can run on: 0, -EINVAL; -EOPNOTSUPP: a clock to be read only. */
static int check_clock(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_COARSE:
		return -EOPNOTSUPP;
	default:
		return is_cpu_clock(clock) ? 0 : -EINVAL;
	}
}

/* The thread of this process that gets the signal. */
static int find_target(int tid, struct thread **t)
{
	*t = thread_find(tid);
	if (*t && (*t)->process == current_process())
		return 0;
	if (*t)
		thread_put(*t);
	*t = NULL;
	return -EINVAL;
}

/*
 * The new timer's number, or errno. default_value: the signal carries the number
 * (timer_create(2)).
 */
static int create(int clock, const struct sigevent *ev, bool default_value)
{
	struct process_signals *ps = process_signals(current_process());
	struct posix_timer *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int error = -ENOMEM;

	if (!t)
		return -EAGAIN;
	error = ev->sigev_notify == SIGEV_THREAD_ID ?
		find_target(ev->sigev_notify_thread_id, &t->target) : 0;
	if (!error && is_cpu_clock(clock))
		error = cpu_clock_owner(clock, &t->measured, &t->measured_thread);
	if (error)
		goto fail;
	t->clock = clock;
	t->notify = ev->sigev_notify;
	t->process = current_process();
	timer_init(&t->timer, posix_timer_fired);
	if (t->notify != SIGEV_NONE) {
		t->entry = sigqueue_alloc();
		error = -EAGAIN;
		if (!t->entry)
			goto fail;
		siginfo_kernel(&t->entry->info, ev->sigev_signo, SI_TIMER);
		t->entry->timer = t;
		t->entry->info.si_timer_value = ev->sigev_value;
	}
	t->clock_set.wake = clock_set;
	if (can_be_set(t))
		wait_queue_add(&clock_was_set, &t->clock_set);
	spin_lock(&ps->lock);
	/* As on Linux each counts as a signal that may become pending; so some number is free. */
	error = -EAGAIN;
	if (ps->timers >= MIN(rlimit(RLIMIT_SIGPENDING), (u64)TIMERS_MAX))
		goto fail_locked;
	ps->timers++;
	t->id = ps->next_timer_id++ % TIMERS_MAX;
	while (find(ps, t->id))
		t->id = ps->next_timer_id++ % TIMERS_MAX;
	if (t->entry) {
		t->entry->info.si_timerid = t->id;
		if (default_value)
			t->entry->info.si_timer_value.sival_ptr = (void *)(long)t->id;
	}
	list_add_tail(&t->link, &ps->posix_timers);
	spin_unlock(&ps->lock);
	return t->id;
fail_locked:
	spin_unlock(&ps->lock);
	if (can_be_set(t))
		wait_queue_remove(&clock_was_set, &t->clock_set);
	if (t->entry)
		sigqueue_free(t->entry);
fail:
	free_timer(t);
	return error;
}

SYSCALL3(222, timer_create, int, clock, const struct sigevent __user *, uev, int __user *, uid)
{
	struct sigevent ev = { .sigev_signo = SIGALRM, .sigev_notify = SIGEV_SIGNAL };
	struct process_signals *ps = process_signals(current_process());
	struct posix_timer *t;
	int id, error;

	if (uev && get_user(ev, uev))
		return -EFAULT;
	error = check_clock(clock);
	if (error)
		return error;
	if (ev.sigev_notify != SIGEV_NONE && !VALID_SIGNAL(ev.sigev_signo))
		return -EINVAL;
	if (ev.sigev_notify != SIGEV_NONE && ev.sigev_notify != SIGEV_SIGNAL &&
	    ev.sigev_notify != SIGEV_THREAD && ev.sigev_notify != SIGEV_THREAD_ID)
		return -EINVAL;
	if (clock >= 0) {	/* a negative one is a CPU clock */
		clock = clock_without_alarm(clock);
		if (clock < 0)
			return clock;
	}
	id = create(clock, &ev, !uev);
	if (id < 0)
		return id;
	if (!put_user(id, uid))
		return 0;
	spin_lock(&ps->lock);
	t = find(ps, id);
	if (t)
		list_del(&t->link);
	spin_unlock(&ps->lock);
	if (t)
		destroy(ps, t);
	return -EFAULT;
}

static u64 from_timespec(const struct timespec *ts)
{
	u64 limit = WAIT_FOREVER / 4;

	if ((u64)ts->tv_sec >= limit / NSEC_PER_SEC)
		return limit;
	return ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

static void to_timespec(struct timespec *ts, u64 ns)
{
	ts->tv_sec = ns / NSEC_PER_SEC;
	ts->tv_nsec = ns % NSEC_PER_SEC;
}

static bool valid_timespec(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && (u64)ts->tv_nsec < NSEC_PER_SEC;
}

/*
 * Without a signal nobody is there to move a periodic timer on, so looking at it does. An expired
 * one that has not been dealt with yet has 1 ns left: 0 would mean "off".
 */
static void read_timer(struct posix_timer *t, u64 now, struct itimerspec *v)
{
	if (t->notify == SIGEV_NONE) {
		if (!t->interval && t->expires && t->expires <= now)
			t->expires = 0;
		forward(t, now);
	}
	to_timespec(&v->it_interval, t->interval);
	to_timespec(&v->it_value, !t->expires ? 0 : t->expires > now ? t->expires - now : 1);
}

/* What clock_of() wants to be told of the timer `id`, found anew afterwards. */
/* Reading CPU times takes locks that come before ps->lock, hence the copy with references. */
static u64 cpu_time_by_id(struct process_signals *ps, int id)
{
	struct posix_timer *t, copy = { 0 };
	u64 ns;

	spin_lock(&ps->lock);
	t = find(ps, id);
	if (t) {
		copy.clock = t->clock;
		copy.measured = t->measured;
		copy.measured_thread = t->measured_thread;
		if (copy.measured)
			process_get(copy.measured);
		if (copy.measured_thread)
			thread_get(copy.measured_thread);
	}
	spin_unlock(&ps->lock);
	ns = timer_cpu_time(&copy);
	if (copy.measured)
		process_put(copy.measured);
	if (copy.measured_thread)
		thread_put(copy.measured_thread);
	return ns;
}

SYSCALL2(224, timer_gettime, int, id, struct itimerspec __user *, value)
{
	struct process_signals *ps = process_signals(current_process());
	struct posix_timer *t;
	struct itimerspec v;
	u64 cpu = cpu_time_by_id(ps, id);

	spin_lock(&ps->lock);
	t = find(ps, id);
	if (t)
		read_timer(t, clock_of(t, cpu), &v);
	spin_unlock(&ps->lock);
	return t ? put_user(v, value) : -EINVAL;
}

SYSCALL4(223, timer_settime, int, id, int, flags, const struct itimerspec __user *, new,
	 struct itimerspec __user *, old)
{
	struct process_signals *ps = process_signals(current_process());
	struct itimerspec v, was;
	struct posix_timer *t;
	u64 now, value, cpu = cpu_time_by_id(ps, id);

	if (!new)
		return -EINVAL;
	if (get_user(v, new))
		return -EFAULT;
	if (!valid_timespec(&v.it_value) || !valid_timespec(&v.it_interval))
		return -EINVAL;
	value = from_timespec(&v.it_value);
	spin_lock(&ps->lock);
	t = find(ps, id);
	if (t) {
		now = clock_of(t, cpu);
		timer_cancel(&t->timer);
		read_timer(t, now, &was);
		t->absolute = flags & TIMER_ABSTIME;
		now = clock_of(t, cpu);
		t->expires = !value ? 0 : t->absolute ? value : now + value;
		t->interval = value ? from_timespec(&v.it_interval) : 0;
		t->overrun = t->last_overrun = 0;
		if (value)
			arm(t, now);
	}
	spin_unlock(&ps->lock);
	if (!t)
		return -EINVAL;
	return old ? put_user(was, old) : 0;
}

SYSCALL1(225, timer_getoverrun, int, id)
{
	struct process_signals *ps = process_signals(current_process());
	struct posix_timer *t;
	int n;

	spin_lock(&ps->lock);
	t = find(ps, id);
	n = t ? t->last_overrun : -EINVAL;
	spin_unlock(&ps->lock);
	return n;
}

SYSCALL1(226, timer_delete, int, id)
{
	struct process_signals *ps = process_signals(current_process());
	struct posix_timer *t;

	spin_lock(&ps->lock);
	t = find(ps, id);
	if (t)
		list_del(&t->link);
	spin_unlock(&ps->lock);
	if (!t)
		return -EINVAL;
	destroy(ps, t);
	return 0;
}
