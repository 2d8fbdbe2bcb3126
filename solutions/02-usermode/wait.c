/*
 * Exercise 2.6: waiting.
 *
 * Goal: wait_queue_wake_locked() calls the waiters' callbacks; wait_prepare(), wait_sleep()
 * and wait_done() are the pieces of every wait, wait_interrupted() says what ends one early,
 * and sleep_until() is a wait for nothing but time (contracts in wait.h).
 * Invariant: no wake-up is lost. A waiter queues itself, sets its state to SLEEPING, and
 * only then looks at the condition; a waker makes the condition true and only then walks
 * the queue. Whichever comes first in the total order of these locked operations, either the
 * waiter sees the condition or the waker sees the waiter. thread_wake() sets the state of a
 * sleeper back to RUNNING, and schedule() returns to a thread whose state is RUNNING sooner
 * or later; so a thread that was woken between its look and schedule() does not sleep. A CPU
 * may do a load before an older store: setting the state must therefore be an atomic exchange,
 * or have a barrier behind it.
 * Symptoms when wrong: a program now and then hangs for ever, more often on two CPUs (a lost
 * wake-up: the state is set too late, or again); a crash in the timers' tree long after
 * a wait (the timer of a sleeper that was woken is still running, and its stack is gone);
 * a program that cannot be killed.
 * Reading: wait.h, wait_queue.c; timer.h; schedule() in thread.h; OSTEP, chapter 30.
 */
#include "common/exercise.h"
#include "02-usermode/thread.h"
#include "02-usermode/timer.h"

void wait_queue_wake_locked(struct wait_queue *q, int n, u64 key)
{
	/* EXERCISE 2.6 BEGIN  blank: */
	struct wait_entry *e, *tmp;

	list_for_each_entry_safe(e, tmp, &q->entries, link) {
		bool exclusive = e->exclusive;	/* the entry may be gone after the call */

		if (e->wake(e, key) && exclusive && --n <= 0)
			break;
	}
	/* EXERCISE 2.6 END */
}

void wait_prepare(enum wait_mode mode)
{
	/* EXERCISE 2.6 BEGIN  blank: */
	struct thread *t = current;

	t->wait_mode = mode;
	atomic_xchg((u32 *)&t->state, THREAD_SLEEPING);
	/* EXERCISE 2.6 END */
}

void wait_done(void)
{
	/* EXERCISE 2.6 BEGIN  blank: */
	WRITE_ONCE(current->state, THREAD_RUNNING);
	/* EXERCISE 2.6 END */
}

bool wait_interrupted(enum wait_mode mode)
{
	/* EXERCISE 2.6 BEGIN  blank: return false; */
	u64 work = READ_ONCE(current->work);

	switch (mode) {
	case WAIT_INTERRUPTIBLE:
		return work & WORK_INTERRUPT;
	case WAIT_KILLABLE:
		return work & WORK_KILL;
	default:
		return false;
	}
	/* EXERCISE 2.6 END */
}

/* EXERCISE 2.6 BEGIN  blank-toplevel */
struct sleeper {
	struct timer timer;
	struct thread *thread;
};

static void sleeper_expired(struct timer *timer)
{
	thread_wake(container_of(timer, struct sleeper, timer)->thread);
}

/* EXERCISE 2.6 END */
int wait_sleep(enum wait_mode mode, u64 deadline)
{
	/* EXERCISE 2.6 BEGIN  blank: thread_yield(); return 0; */
	struct sleeper s;

	if (wait_interrupted(mode) || wait_injected(mode))
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
	/* EXERCISE 2.6 END */
}

int sleep_until(u64 deadline, enum wait_mode mode)
{
	/* EXERCISE 2.6 BEGIN  blank: thread_yield(); return -ETIMEDOUT; */
	int error;

	do {
		wait_prepare(mode);
		error = wait_sleep(mode, deadline);
	} while (!error);
	wait_done();
	return error;
	/* EXERCISE 2.6 END */
}
