/*
 * Exercise 2.2: the run queue.
 *
 * Goal: the four operations of runqueue.h on a red-black tree (common/rbtree.h).
 * Invariant: the tree is ordered by vruntime, rq->count is its size, and min_vruntime
 * only grows and never passes the smallest vruntime of a runnable thread.
 * Symptoms when wrong: one program starves while others run (order or charge); a thread
 * that slept for a minute then blocks everybody for a minute (newcomers must start at
 * min_vruntime at the earliest); a crash in rb_erase (taken out twice).
 * Reading: docs/scheduling.md; Cormen et al. chapter 13 for the tree.
 */
#include "common/exercise.h"
#include "02-usermode/runqueue.h"

void rq_enqueue(struct runqueue *rq, struct thread *t)
{
	/* EXERCISE 2.2: your code here. */
	exercise_blank("2.2");
}

void rq_dequeue(struct runqueue *rq, struct thread *t)
{
	/* EXERCISE 2.2: your code here. */
	exercise_blank("2.2");
}

struct thread *rq_pick(struct runqueue *rq)
{
	/* EXERCISE 2.2: your code here. */
	exercise_blank("2.2");
	return NULL;
}

void rq_charge(struct runqueue *rq, struct thread *t, u64 ns)
{
	/* EXERCISE 2.2: your code here. */
	exercise_blank("2.2");
}
