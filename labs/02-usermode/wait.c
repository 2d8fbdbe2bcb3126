/*
 * Wait queues and sleeping (contract in wait.h).
 *
 * Why no wake-up is lost: a waiter queues itself, sets its state to SLEEPING, and only
 * then looks at the condition; a waker makes the condition true and only then walks
 * the queue. Whichever comes first in the total order of these locked operations, either
 * the waiter sees the condition or the waker sees the waiter. And a waiter woken
 * between look and schedule() has state RUNNING there, so it does not sleep.
 */
#include "common/panic.h"
#include "02-usermode/thread.h"
#include "02-usermode/timer.h"

unsigned wait_inject_every;

void wait_queue_init(struct wait_queue *q)
{
	spin_init(&q->lock, "wait queue", RANK_WAIT_QUEUE);
	list_init(&q->entries);
}

static bool wake_thread(struct wait_entry *e, u64 key)
{
	return thread_wake(e->thread);
}

void wait_entry_init(struct wait_entry *e)
{
	list_init(&e->link);
	e->wake = wake_thread;
	e->thread = current;
	e->exclusive = false;
}

void wait_queue_add(struct wait_queue *q, struct wait_entry *e)
{
	spin_lock(&q->lock);
	list_add(&e->link, &q->entries);
	spin_unlock(&q->lock);
}

void wait_queue_add_exclusive(struct wait_queue *q, struct wait_entry *e)
{
	e->exclusive = true;
	spin_lock(&q->lock);
	list_add_tail(&e->link, &q->entries);
	spin_unlock(&q->lock);
}

void wait_queue_remove(struct wait_queue *q, struct wait_entry *e)
{
	spin_lock(&q->lock);
	list_del(&e->link);
	spin_unlock(&q->lock);
}

static void wake_entries(struct wait_queue *q, int n, u64 key)
{
	struct wait_entry *e, *tmp;

	list_for_each_entry_safe(e, tmp, &q->entries, link) {
		bool exclusive = e->exclusive;	/* the entry may be gone after the call */

		if (e->wake(e, key) && exclusive && --n <= 0)
			break;
	}
}

void wait_queue_wake(struct wait_queue *q, int n, u64 key)
{
	smp_mb();	/* the condition before the look at the queue */
	if (!wait_queue_active(q))
		return;
	spin_lock(&q->lock);
	wake_entries(q, n, key);
	spin_unlock(&q->lock);
}

void wait_queue_wake_nested(struct wait_queue *q, int n, u64 key)
{
	smp_mb();
	if (!wait_queue_active(q))
		return;
	spin_lock_nested(&q->lock);
	wake_entries(q, n, key);
	spin_unlock(&q->lock);
}

void wait_prepare(enum wait_mode mode)
{
	struct thread *t = current;

	t->wait_mode = mode;
	atomic_xchg((u32 *)&t->state, THREAD_SLEEPING);
}

void wait_done(void)
{
	WRITE_ONCE(current->state, THREAD_RUNNING);
}

bool wait_interrupted(enum wait_mode mode)
{
	u64 work = READ_ONCE(current->work);

	switch (mode) {
	case WAIT_INTERRUPTIBLE:
		return work & WORK_INTERRUPT;
	case WAIT_KILLABLE:
		return work & WORK_KILL;
	default:
		return false;
	}
}

/* For tests of unwinding: pretend now and then that a signal came. */
static bool injected(enum wait_mode mode)
{
	static unsigned count;

	return unlikely(wait_inject_every) && mode == WAIT_INTERRUPTIBLE && current->fpu &&
	       atomic_fetch_add(&count, 1) % wait_inject_every == wait_inject_every - 1;
}

struct sleeper {
	struct timer timer;
	struct thread *thread;
};

static void sleeper_expired(struct timer *timer)
{
	thread_wake(container_of(timer, struct sleeper, timer)->thread);
}

int wait_sleep(enum wait_mode mode, u64 deadline)
{
	struct sleeper s;

	if (wait_interrupted(mode) || injected(mode))
		return -ERESTARTSYS;
	if (deadline == WAIT_FOREVER) {
		schedule();
		return 0;
	}
	if (clock_monotonic() >= deadline)
		return -ETIMEDOUT;
	s.thread = current;
	timer_init(&s.timer, sleeper_expired);
	timer_start(&s.timer, deadline);
	schedule();
	timer_cancel_sync(&s.timer);
	return 0;
}

int sleep_until(u64 deadline, enum wait_mode mode)
{
	int error;

	do {
		wait_prepare(mode);
		error = wait_sleep(mode, deadline);
	} while (!error);
	wait_done();
	return error;
}
