/*
 * Wait queues: the list (contract in wait.h). Waking and sleeping are exercise 2.6, wait.c.
 */
#include "02-usermode/thread.h"

unsigned wait_inject_every;
void (*wait_test_hook)(struct wait_queue *q);

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
	if (unlikely(wait_test_hook))
		wait_test_hook(q);
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

void wait_queue_wake(struct wait_queue *q, int n, u64 key)
{
	smp_mb();	/* the condition before the look at the queue */
	if (!wait_queue_active(q))
		return;
	spin_lock(&q->lock);
	wait_queue_wake_locked(q, n, key);
	spin_unlock(&q->lock);
}

void wait_queue_wake_nested(struct wait_queue *q, int n, u64 key)
{
	smp_mb();
	if (!wait_queue_active(q))
		return;
	spin_lock_nested(&q->lock);
	wait_queue_wake_locked(q, n, key);
	spin_unlock(&q->lock);
}

bool wait_injected(enum wait_mode mode)
{
	static unsigned count;

	return unlikely(wait_inject_every) && mode == WAIT_INTERRUPTIBLE && current->fpu &&
	       atomic_fetch_add(&count, 1) % wait_inject_every == wait_inject_every - 1;
}
