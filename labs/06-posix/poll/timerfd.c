/*
 * timerfd_create(2): a timer as a file. A read returns how often it has expired since the last.
 */
#include "06-posix/poll/anon.h"
#include "06-posix/poll/poll.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"

struct timerfd {
	struct spinlock lock;		/* RANK_LEAF; protects: */
	int clock;
	u64 expires, interval;		/* ns of the clock; expires 0: off */
	u64 ticks;			/* expiries not yet read */
	struct timer timer;
	struct wait_queue expired;
};

static u64 now_of(const struct timerfd *t)
{
	return t->clock == CLOCK_REALTIME || t->clock == CLOCK_REALTIME_ALARM ? clock_realtime() :
	       clock_monotonic();
}

/* Count what has expired by now. Lock held. */
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

static void arm(struct timerfd *t, u64 now)
{
	if (t->expires)
		timer_start(&t->timer,
			    clock_monotonic() + (t->expires > now ? t->expires - now : 0));
}

/* Fires once for each reader's need: a periodic timer goes on when somebody asks (like Linux). */
static void timerfd_fired(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);
	u64 now = now_of(t);

	spin_lock(&t->lock);
	account(t, now);
	if (!t->ticks)
		arm(t, now);		/* the clock was set back */
	spin_unlock(&t->lock);
	wake_up_poll(&t->expired, POLL_READABLE);
}

static ssize_t timerfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct timerfd *t = f->private;
	u64 ticks, now;
	int error;

	if (it->count < sizeof(ticks))
		return -EINVAL;
	for (;;) {
		now = now_of(t);
		spin_lock(&t->lock);
		account(t, now);
		ticks = t->ticks;
		t->ticks = 0;
		if (ticks && t->expires)
			arm(t, now);
		spin_unlock(&t->lock);
		if (ticks)
			break;
		if (io_flags(f, it) & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event(&t->expired, READ_ONCE(t->ticks), WAIT_INTERRUPTIBLE);
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
	return READ_ONCE(t->ticks) ? POLL_READABLE : 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->private;

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

SYSCALL2(283, timerfd_create, int, clock, int, flags)
{
	struct timerfd *t;
	struct file *f;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
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
	return fd_open(f, flags & TFD_CLOEXEC);
}

static void to_timespec(struct timespec *ts, u64 ns)
{
	ts->tv_sec = ns / NSEC_PER_SEC;
	ts->tv_nsec = ns % NSEC_PER_SEC;
}

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

/* Lock held. */
static void get_setting(struct timerfd *t, u64 now, struct itimerspec *v)
{
	account(t, now);
	to_timespec(&v->it_interval, t->interval);
	to_timespec(&v->it_value, t->expires > now ? t->expires - now : 0);
}

static void set(struct timerfd *t, const struct itimerspec *v, bool absolute,
		struct itimerspec *old)
{
	u64 value = from_timespec(&v->it_value), now;

	timer_cancel_sync(&t->timer);
	now = now_of(t);
	spin_lock(&t->lock);
	get_setting(t, now, old);
	t->ticks = 0;
	t->interval = from_timespec(&v->it_interval);
	t->expires = !value ? 0 : absolute ? value : now + value;
	arm(t, now);
	spin_unlock(&t->lock);
}

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
	set(f->private, &v, flags & TFD_TIMER_ABSTIME, &was);
	file_put(f);
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
