/*
 * Real-time threads beside the run queue's tree; for sched.c. The idea is in real_time.c.
 */
#pragma once

#include "02-usermode/runqueue.h"

#define SLICE_RR_NS	(100 * NSEC_PER_MSEC)	/* of SCHED_RR, among equals */

extern int real_time_waiting;	/* threads that wait, on all queues */

/* With rq->lock: */

void real_time_add(struct runqueue *rq, struct thread *t, bool before_equals);
void real_time_take(struct runqueue *rq, struct thread *t);
/* The first of those who wait here, of whom there is one; NULL if it is the others' turn. */
struct thread *real_time_pick(struct runqueue *rq);

/* As rq_enqueue(), rq_dequeue() and rq_pick(), for threads of all policies. */
static inline void queue_add(struct runqueue *rq, struct thread *t, bool before_equals)
{
	if (unlikely(t->real_time))
		real_time_add(rq, t, before_equals);
	else
		rq_enqueue(rq, t);
}
static inline void queue_take(struct runqueue *rq, struct thread *t)
{
	if (unlikely(t->real_time))
		real_time_take(rq, t);
	else
		rq_dequeue(rq, t);
}
static inline struct thread *queue_pick(struct runqueue *rq)
{
	struct thread *t = unlikely(rq->real_time_count) ? real_time_pick(rq) : NULL;

	return t ? t : rq_pick(rq);
}
static inline unsigned queue_length(const struct runqueue *rq)
{
	return READ_ONCE(rq->count) + READ_ONCE(rq->real_time_count);
}

/* A real-time thread ran here for `ns`. */
void real_time_charge(struct runqueue *rq, u64 ns);
/* At the tick: must t, which runs here, make room for a real-time thread or as one? */
bool real_time_tick(struct runqueue *rq, struct thread *t);
/* t, a real-time thread, has lost this CPU to one as important; another CPU does less. */
bool real_time_leaves(struct runqueue *rq, const struct thread *t);

/* Without a lock, so these are guesses; what they miss the next tick finds. */

/* The CPU, of those t may use, where the least important thread runs; t's own if it is as good. */
int real_time_cpu(const struct thread *t);
/*
 * A queue where a real-time thread waits that is more important than `running` and whoever waits
 * here; or NULL.
 */
struct runqueue *real_time_search(struct runqueue *me, const struct thread *running);
static inline struct runqueue *real_time_from(struct runqueue *me, const struct thread *running)
{
	return unlikely(READ_ONCE(real_time_waiting)) ? real_time_search(me, running) : NULL;
}
