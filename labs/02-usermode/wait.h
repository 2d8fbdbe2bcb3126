/*
 * One way to wait, for everything: blocking I/O, poll, select, epoll, futex, wait4.
 *
 * A wait queue is a list of entries, each with a callback that a wake-up
 * calls; the usual one wakes a thread. The order is always: queue the entry,
 * set the state, check the condition *again*, sleep. A waker makes the condition
 * true first and wakes afterwards; so no wake-up is lost.
 *
 * Waits end early with -ERESTARTSYS (killed, or a signal for an interruptible
 * one) or -ETIMEDOUT; callers undo what they did and pass the error on.
 */
#pragma once

#include "common/errno.h"
#include "common/list.h"
#include "common/spinlock.h"

struct thread;

enum wait_mode {
	WAIT_UNINTERRUPTIBLE,	/* until the wake-up, come what may: short waits for the disk */
	WAIT_KILLABLE,		/* a kill ends it */
	WAIT_INTERRUPTIBLE,	/* any signal ends it */
};

#define WAIT_FOREVER	(~0UL)	/* as a deadline, in ns of the monotonic clock */

struct wait_queue {
	struct spinlock lock;	/* RANK_WAIT_QUEUE */
	struct list_head entries;
};

struct wait_entry {
	struct list_head link;
	/*
	 * Called with the queue's lock held, in the waker's context (perhaps an interrupt). key:
	 * what happened (poll bits, or a pointer the queue's users agree on; 0: anything). True if
	 * a waiter was served, which counts against an exclusive wake-up's number.
	 */
	bool (*wake)(struct wait_entry *e, u64 key);
	struct thread *thread;
	bool exclusive;		/* wait_queue_wake(q, n) serves at most n of these */
};

#define WAIT_QUEUE_INIT(name)	\
	{ SPINLOCK_INIT(#name, RANK_WAIT_QUEUE), LIST_HEAD_INIT((name).entries) }
#define DEFINE_WAIT_QUEUE(name)	struct wait_queue name = WAIT_QUEUE_INIT(name)

void wait_queue_init(struct wait_queue *q);

/* An entry that wakes the current thread (and stays queued). */
void wait_entry_init(struct wait_entry *e);
void wait_queue_add(struct wait_queue *q, struct wait_entry *e);
/* Exclusive entries go to the tail: first come, first served. */
void wait_queue_add_exclusive(struct wait_queue *q, struct wait_entry *e);
void wait_queue_remove(struct wait_queue *q, struct wait_entry *e);
/* Whether anybody waits; without the lock, for hot paths: the caller's own barrier orders it. */
static inline bool wait_queue_active(const struct wait_queue *q)
{
	return !list_empty(&q->entries);
}

/* Wake all non-exclusive waiters and up to n exclusive ones. Any context. */
void wait_queue_wake(struct wait_queue *q, int n, u64 key);
/*
 * The same from the callback of an entry of another queue (epoll): the two locks never form a
 * circle.
 */
void wait_queue_wake_nested(struct wait_queue *q, int n, u64 key);
/*
 * The walk along the queue, with q->lock held: the callbacks, until n exclusive ones have served a
 * waiter.
 */
void wait_queue_wake_locked(struct wait_queue *q, int n, u64 key);
#define wake_up(q)		wait_queue_wake(q, 1, 0)
#define wake_up_all(q)		wait_queue_wake(q, 0x7fffffff, 0)
#define wake_up_poll(q, bits)	wait_queue_wake(q, 1, bits)

/*
 * The pieces of a wait. wait_prepare() sets the state; wait_sleep() then gives up the CPU until a
 * wake-up, the deadline, or what the mode allows to interrupt: 0, -ETIMEDOUT or -ERESTARTSYS (it
 * returns at once if that already holds, or if somebody woke us in between). wait_done() sets the
 * state back to running.
 */
void wait_prepare(enum wait_mode mode);
int wait_sleep(enum wait_mode mode, u64 deadline);
void wait_done(void);

/*
 * Sleep until cond holds: 0, -ERESTARTSYS, -ETIMEDOUT. cond is evaluated many times, may take
 * spinlocks but not sleep. deadline: absolute ns of clock_monotonic(), or WAIT_FOREVER.
 */
#define wait_event_until(q, cond, mode, deadline) wait_event_((q), cond, mode, deadline, false)
#define wait_event(q, cond, mode)	wait_event_((q), cond, mode, WAIT_FOREVER, false)
#define wait_event_exclusive(q, cond, mode)	wait_event_((q), cond, mode, WAIT_FOREVER, true)
#define wait_event_exclusive_until(q, cond, mode, deadline)			\
	wait_event_((q), cond, mode, deadline, true)

#define wait_event_(q, cond, mode, deadline, excl) ({				\
	int ret_ = 0;								\
	if (!(cond)) {								\
		struct wait_entry entry_;					\
		wait_entry_init(&entry_);					\
		if (excl)							\
			wait_queue_add_exclusive(q, &entry_);			\
		else								\
			wait_queue_add(q, &entry_);				\
		for (;;) {							\
			wait_prepare(mode);					\
			if (cond) {						\
				ret_ = 0;					\
				break;						\
			}							\
			if (ret_)						\
				break;						\
			ret_ = wait_sleep(mode, deadline);			\
		}								\
		wait_done();							\
		wait_queue_remove(q, &entry_);					\
		if ((excl) && ret_)	/* pass on a wake-up we may have eaten */	\
			wake_up(q);						\
	}									\
	ret_; })

/*
 * The same with a spinlock that protects cond: held on entry and on return, released while asleep.
 */
#define wait_event_locked(q, cond, lock, mode, deadline) ({			\
	int ret_ = 0;								\
	if (!(cond)) {								\
		struct wait_entry entry_;					\
		wait_entry_init(&entry_);					\
		wait_queue_add(q, &entry_);					\
		for (;;) {							\
			wait_prepare(mode);					\
			if (cond) {						\
				ret_ = 0;					\
				break;						\
			}							\
			if (ret_)						\
				break;						\
			spin_unlock(lock);					\
			ret_ = wait_sleep(mode, deadline);			\
			spin_lock(lock);					\
		}								\
		wait_done();							\
		wait_queue_remove(q, &entry_);					\
	}									\
	ret_; })

/*
 * Sleep without a queue: 0 never; -ETIMEDOUT at the deadline; -ERESTARTSYS; used by nanosleep,
 * pause.
 */
int sleep_until(u64 deadline, enum wait_mode mode);

/* Whether a wait in this mode would be interrupted now. */
bool wait_interrupted(enum wait_mode mode);

/*
 * Test hook: every n-th interruptible wait of a thread that asked for it returns -ERESTARTSYS
 * although nothing happened (0: off), so that unwinding is tested before lab 06 has signals.
 */
extern unsigned wait_inject_every;
/* Whether this wait is to be interrupted; wait_sleep() asks it. */
bool wait_injected(enum wait_mode mode);

/*
 * Test hook: called in wait_queue_add() just before the entry is on the queue. What happens there
 * is what happens between the first look at a condition and the queueing: who does not look again
 * sleeps for ever.
 */
extern void (*wait_test_hook)(struct wait_queue *q);
