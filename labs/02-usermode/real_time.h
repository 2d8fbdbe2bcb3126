/*
 * Real-time threads beside the run queue's tree; for sched.c. The idea is in real_time.c.
 */
#pragma once

#include "02-usermode/runqueue.h"

#define SLICE_RR_NS	(100 * NSEC_PER_MSEC)	/* of SCHED_RR, among equals */

/* With rq->lock: */

/* As rq_enqueue(), rq_dequeue() and rq_pick(), for threads of all policies. */
void queue_add(struct runqueue *rq, struct thread *t, bool before_equals);
void queue_take(struct runqueue *rq, struct thread *t);
struct thread *queue_pick(struct runqueue *rq);
static inline unsigned queue_length(const struct runqueue *rq)
{
	return READ_ONCE(rq->count) + READ_ONCE(rq->real_time_count);
}

/* A real-time thread ran here for `ns`. */
void real_time_charge(struct runqueue *rq, u64 ns);
/* At the tick: must t, which runs here, make room for a real-time thread or as one? */
bool real_time_tick(struct runqueue *rq, struct thread *t);
/* t has lost this CPU to one as important, and another CPU does less important things. */
bool real_time_leaves(struct runqueue *rq, const struct thread *t);

/* Without a lock, so these are guesses; what they miss the next tick finds. */

/* The CPU, of those t may use, where the least important thread runs; t's own if it is as good. */
int real_time_cpu(const struct thread *t);
/*
 * A queue where a real-time thread waits that is more important than `running` and whoever waits
 * here; or NULL.
 */
struct runqueue *real_time_from(struct runqueue *me, const struct thread *running);
