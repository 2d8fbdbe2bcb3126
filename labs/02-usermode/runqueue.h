/*
 * A CPU's run queue: the threads that want to run, ordered by how much
 * (weighted) CPU time they have had. The one with the least runs next, so that over time
 * everybody gets a share in proportion to the weight of his nice value.
 * (The idea of Linux's CFS; Stoica's "virtual time round robin" family.)
 */
#pragma once

#include "02-usermode/thread.h"

struct runqueue {
	struct spinlock lock;		/* RANK_RUN_QUEUE; protects everything here */
	struct rb_root tree;		/* waiting threads (not the running one), by vruntime */
	unsigned count;			/* in the tree */
	/* threads with a real-time priority wait here instead: real_time.c */
	struct list_head real_time;	/* the most important first */
	unsigned real_time_count;
	u8 real_time_first;		/* the priority of the first; 0: none */
	s8 priority;			/* of the running thread; -1: idle */
	u64 period_start, real_time_ns;	/* what they had of this second */
	u64 min_vruntime;		/* never goes back; where newcomers start */
	struct thread *running;
	struct thread *idle;		/* runs when the tree is empty; never in it */
	struct thread *dead;		/* just switched away from for ever */
	struct thread *leaving;		/* just switched away from, may not run here any more */
	u64 tick_at;			/* when the running thread is looked at again */
	struct cpu_times times;
	u64 switches;
} __aligned(64);

#define TICK_NS		(10 * NSEC_PER_MSEC)
#define GRANULARITY_NS (2 * NSEC_PER_MSEC) /* how far behind a woken thread must be to preempt */

extern struct runqueue runqueues[MAX_CPUS];

/* Exercise 2.2. All with rq->lock. */

/* Add t, which is RUNNING and not queued. */
void rq_enqueue(struct runqueue *rq, struct thread *t);
/* Take t, which is queued, out. */
void rq_dequeue(struct runqueue *rq, struct thread *t);
/* Take out and return the thread that should run next, or NULL if nobody waits. */
struct thread *rq_pick(struct runqueue *rq);
/* Charge `ns` of CPU time, divided by its weight, to t, and advance min_vruntime. */
void rq_charge(struct runqueue *rq, struct thread *t, u64 ns);

/* Weight of a nice value, 1024 for 0; each step is 25 %. */
u32 nice_weight(int nice);
