/*
 * timerfd_create(2): a timer as a file. A read returns how often it has expired since the last.
 *
 * An absolute time on CLOCK_REALTIME is one of that clock: when somebody sets it, the timer is
 * looked at again and, if asked for (TFD_TIMER_CANCEL_ON_SET), its reader is told by ECANCELED. A
 * relative time runs on the monotonic clock.
 *
 * The kernel's timers know the monotonic clock only. So `expires` is kept in the time of the
 * program's clock, and arm() translates what is left until then each time it starts the timer.
 *
 * A periodic timer does not fire for each period. It fires once; how many periods have passed is
 * computed when somebody asks (account()), and the next firing is set up when the ticks are read. A
 * program that asks for a period of 1 ns and never reads costs one interrupt.
 */
#include "06-posix/poll/anon.h"
#include "06-posix/poll/poll.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "03-syscalls/time/clocks.h"

struct timerfd {
	struct spinlock lock;		/* RANK_LEAF; protects: */
	u64 expires, interval;		/* ns of now_of(); expires 0: off */
	bool absolute, cancel_on_set;	/* TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET */
	bool cancelled;			/* the clock was set; not yet read */
	u64 ticks;			/* expiries not yet read */

	int clock;			/* constant: CLOCK_ */
	struct timer timer;		/* started with the lock held, but by clock_set() */
	struct wait_queue expired;	/* its own lock */
	struct wait_entry clock_set;	/* in clock_was_set, if the clock can be set */
	bool was_set;			/* it was: for note_clock_set(); atomic */
};

/* The time by which t->expires is meant. Lock held, as `absolute` must not change in between. */
static u64 now_of(const struct timerfd *t)
{
	return t->clock == CLOCK_REALTIME && t->absolute ? clock_realtime() : clock_monotonic();
}

/*
 * Count what has expired by now, and move `expires` on to the first period that has not: so periods
 * do not drift, however late somebody looks. Lock held.
 */
static void account(struct timerfd *t, u64 now)
{
	u64 n = 1;

	if (!t->expires || t->expires > now)
		return;
	if (t->interval) {
		n = (now - t->expires) / t->interval + 1;
		t->expires += n * t->interval;
	} else {
		t->expires = 0;
	}
	t->ticks += n;
}

/* Let the timer fire at t->expires, `now` being the time of the same clock. Lock held. */
static void arm(struct timerfd *t, u64 now)
{
	if (t->expires)
		timer_start(&t->timer,
			    clock_monotonic() + (t->expires > now ? t->expires - now : 0));
}

/* If the clock was set since the last look: does anybody want to know? Lock held. */
static void note_clock_set(struct timerfd *t)
{
	if (atomic_xchg(&t->was_set, false) && t->cancel_on_set)
		t->cancelled = true;
}

/* Fires once for each reader's need: a periodic timer goes on when somebody asks (like Linux). */
static void timerfd_fired(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);
	u64 now;

	spin_lock(&t->lock);
	note_clock_set(t);
	now = now_of(t);
	account(t, now);
	if (!t->ticks)
		arm(t, now);		/* the clock was set back */
	spin_unlock(&t->lock);
	wake_up_poll(&t->expired, POLL_READABLE);
}

/*
 * Somebody set the clock. This runs with the lock of clock_was_set, whose rank is above t->lock's:
 * so nothing of t but the flag is touched, and the rest is left to the timer, which is made to fire
 * at once. False, as nobody was woken.
 */
static bool clock_set(struct wait_entry *e, u64 key)
{
	struct timerfd *t = container_of(e, struct timerfd, clock_set);

	if (READ_ONCE(t->absolute)) {
		atomic_store(&t->was_set, true);
		timer_start(&t->timer, 0);
	}
	return false;
}

/* Without the lock, for poll and waits. */
static bool readable(const struct timerfd *t)
{
	return READ_ONCE(t->ticks) || READ_ONCE(t->cancelled);
}

/*
 * timerfd_create(2), read(2): 8 bytes, the number of expiries since the last read or setting;
 * ECANCELED, once, if the clock was set and the program wanted to be told.
 */
static ssize_t timerfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct timerfd *t = f->private;
	u64 ticks, now;
	bool cancelled;
	int error;

	if (it->count < sizeof(ticks))
		return -EINVAL;
	for (;;) {
		spin_lock(&t->lock);
		now = now_of(t);
		account(t, now);
		ticks = t->ticks;
		cancelled = t->cancelled;
		t->ticks = 0;
		t->cancelled = false;
		if (ticks && t->expires)
			arm(t, now);
		spin_unlock(&t->lock);
		if (cancelled)
			return -ECANCELED;
		if (ticks)
			break;
		if (io_flags(f, it) & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event(&t->expired, readable(t), WAIT_INTERRUPTIBLE);
		if (error)
			return error;
	}
	return copy_to_iter(&ticks, sizeof(ticks), it) == sizeof(ticks) ? (ssize_t)sizeof(ticks) :
									  -EFAULT;
}

static unsigned timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->private;

	poll_wait(&t->expired, pt);
	return readable(t) ? POLL_READABLE : 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->private;

	/* In this order: clock_set() starts the timer. */
	if (t->clock == CLOCK_REALTIME)
		wait_queue_remove(&clock_was_set, &t->clock_set);
	timer_cancel_sync(&t->timer);
	kfree(t);
}

static void timerfd_name(struct file *f, char *buf, size_t size)
{
	strlcpy(buf, "anon_inode:[timerfd]", size);
}

static const struct file_ops timerfd_ops = {
	.stat = anon_stat,
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
	.name = timerfd_name,
};

/*
 * The entry in clock_was_set is added before the descriptor is there; release takes it out, also
 * when fd_open() fails. CLOCK_BOOTTIME is the monotonic clock of a machine that is never suspended.
 */
SYSCALL2(283, timerfd_create, int, clock, int, flags)
{
	struct timerfd *t;
	struct file *f;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME &&
	    clock != CLOCK_REALTIME_ALARM && clock != CLOCK_BOOTTIME_ALARM)
		return -EINVAL;
	clock = clock_without_alarm(clock);
	if (clock < 0)
		return clock;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	spin_init(&t->lock, "timerfd", RANK_LEAF);
	wait_queue_init(&t->expired);
	timer_init(&t->timer, timerfd_fired);
	t->clock = clock;
	f = file_alloc(&timerfd_ops, O_RDWR | (flags & O_NONBLOCK), t);
	if (!f || IS_ERR(f)) {
		kfree(t);
		return f ? PTR_ERR(f) : -ENOMEM;
	}
	t->clock_set.wake = clock_set;
	if (clock == CLOCK_REALTIME)
		wait_queue_add(&clock_was_set, &t->clock_set);
	return fd_open(f, flags & TFD_CLOEXEC);
}

static void to_timespec(struct timespec *ts, u64 ns)
{
	ts->tv_sec = ns / NSEC_PER_SEC;
	ts->tv_nsec = ns % NSEC_PER_SEC;
}

/* In ns, cut at a time so far away (146 years) that sums with it do not overflow. */
static u64 from_timespec(const struct timespec *ts)
{
	u64 limit = WAIT_FOREVER / 4;

	if ((u64)ts->tv_sec >= limit / NSEC_PER_SEC)
		return limit;
	return ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

static bool valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && (u64)ts->tv_nsec < NSEC_PER_SEC;
}

/* What timerfd_gettime(2) says: the time left, also of an absolute timer. Lock held. */
static void get_setting(struct timerfd *t, u64 now, struct itimerspec *v)
{
	account(t, now);
	to_timespec(&v->it_interval, t->interval);
	to_timespec(&v->it_value, t->expires > now ? t->expires - now : 0);
}

/* 0, or -ECANCELED: set, but the clock was set meanwhile and nobody has read that. */
static int set(struct timerfd *t, const struct itimerspec *v, int flags, struct itimerspec *old)
{
	u64 value = from_timespec(&v->it_value), now;
	int error = 0;

	timer_cancel_sync(&t->timer);
	spin_lock(&t->lock);
	get_setting(t, now_of(t), old);
	note_clock_set(t);	/* the timer that would have done it has been stopped */
	WRITE_ONCE(t->absolute, flags & TFD_TIMER_ABSTIME);
	t->cancel_on_set = t->absolute && flags & TFD_TIMER_CANCEL_ON_SET;
	if (t->cancelled && t->cancel_on_set && value)
		error = -ECANCELED;
	t->cancelled = false;
	now = now_of(t);
	t->ticks = 0;
	t->interval = from_timespec(&v->it_interval);
	t->expires = !value ? 0 : t->absolute ? value : now + value;
	arm(t, now);
	spin_unlock(&t->lock);
	return error;
}

/* Any file that is not a timerfd is EINVAL, as timerfd_settime(2) says. */
static struct file *get_timerfd(int fd, long *error)
{
	struct file *f = fd_get(fd);

	*error = f ? -EINVAL : -EBADF;
	if (f && f->ops != &timerfd_ops) {
		file_put(f);
		f = NULL;
	}
	return f;
}

/* After ECANCELED the new time is set all the same; only the old setting is not told. */
SYSCALL4(286, timerfd_settime, int, fd, int, flags, const struct itimerspec __user *, new,
	 struct itimerspec __user *, old)
{
	struct itimerspec v, was;
	struct file *f;
	long error;

	if (get_user(v, new))
		return -EFAULT;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) || !valid(&v.it_value) ||
	    !valid(&v.it_interval))
		return -EINVAL;
	f = get_timerfd(fd, &error);
	if (!f)
		return error;
	error = set(f->private, &v, flags, &was);
	file_put(f);
	if (error)
		return error;
	return old ? put_user(was, old) : 0;
}

SYSCALL2(287, timerfd_gettime, int, fd, struct itimerspec __user *, cur)
{
	struct itimerspec v;
	struct timerfd *t;
	struct file *f;
	long error;

	f = get_timerfd(fd, &error);
	if (!f)
		return error;
	t = f->private;
	spin_lock(&t->lock);
	get_setting(t, now_of(t), &v);
	spin_unlock(&t->lock);
	file_put(f);
	return put_user(v, cur);
}
