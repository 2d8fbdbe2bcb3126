/* How a futex's waiter sleeps, and how it is woken: see futex.h. */
#include "02-usermode/thread.h"
#include "02-usermode/timer.h"
#include "07-dynlink/futex/futex.h"

void futex_queue(struct futex_bucket *b, struct futex_waiter *w)
{
	struct list_head *at = &b->waiters;
	struct futex_waiter *other;

	w->priority = w->thread->real_time;
	while (w->priority && at->prev != &b->waiters) {
		other = list_entry(at->prev, struct futex_waiter, link);
		if (other->priority >= w->priority)
			break;
		at = at->prev;
	}
	list_add_tail(&w->link, at);
}

void futex_wake_waiter(struct futex_waiter *w)
{
	list_del(&w->link);
	WRITE_ONCE(w->woken, true);
	thread_wake(w->thread);
}

/*
 * Take w out unless a waker did; true if one did. Taking the lock also makes sure that a waker
 * is done with w, which lives on our stack.
 */
static bool futex_dequeue(struct futex_waiter *w)
{
	for (;;) {
		struct futex_bucket *b = READ_ONCE(w->bucket);
		bool woken;

		spin_lock(&b->lock);
		if (b != w->bucket) {	/* requeued meanwhile */
			spin_unlock(&b->lock);
			continue;
		}
		woken = w->woken;
		if (!woken)
			list_del(&w->link);
		spin_unlock(&b->lock);
		return woken;
	}
}

/*
 * The monotonic clock's time at which the realtime clock, as it is set now, will show
 * `deadline`.
 */
static u64 to_monotonic(u64 deadline)
{
	u64 offset = clock_realtime_offset();

	return deadline > offset ? deadline - offset : 0;
}

int futex_sleep(struct futex_waiter *w, u64 deadline, bool realtime)
{
	struct wait_entry clock_set;
	int err = 0;

	realtime = realtime && deadline != WAIT_FOREVER;
	if (realtime) {
		wait_entry_init(&clock_set);
		wait_queue_add(&clock_was_set, &clock_set);
	}
	for (;;) {
		wait_prepare(WAIT_INTERRUPTIBLE);
		if (READ_ONCE(w->woken) || err)
			break;
		err = wait_sleep(WAIT_INTERRUPTIBLE, realtime ? to_monotonic(deadline) : deadline);
	}
	wait_done();
	if (realtime)
		wait_queue_remove(&clock_was_set, &clock_set);
	return futex_dequeue(w) ? 0 : err;
}
