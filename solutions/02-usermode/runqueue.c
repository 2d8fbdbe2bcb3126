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

/* EXERCISE 2.2 BEGIN  blank-toplevel */
static struct thread *thread_of(struct rb_node *n)
{
	return n ? rb_entry(n, struct thread, run_node) : NULL;
}

static void advance_min(struct runqueue *rq)
{
	struct thread *first = thread_of(rb_first(&rq->tree));
	struct thread *running = rq->running != rq->idle ? rq->running : NULL;
	u64 min;

	if (!first && !running)
		return;
	min = !first ? running->vruntime :
	      !running ? first->vruntime : MIN(first->vruntime, running->vruntime);
	rq->min_vruntime = MAX(rq->min_vruntime, min);
}
/* EXERCISE 2.2 END */

void rq_enqueue(struct runqueue *rq, struct thread *t)
{
	/* EXERCISE 2.2 BEGIN  blank: */
	struct rb_node **link = &rq->tree.node, *parent = NULL;

	/* Who slept comes a little before the others, but not by all the time he slept. */
	if (t->vruntime + GRANULARITY_NS < rq->min_vruntime)
		t->vruntime = rq->min_vruntime - GRANULARITY_NS;
	while (*link) {
		parent = *link;
		link = t->vruntime < thread_of(parent)->vruntime ? &parent->left : &parent->right;
	}
	rb_insert(&rq->tree, &t->run_node, parent, link);
	rq->count++;
	/* EXERCISE 2.2 END */
}

void rq_dequeue(struct runqueue *rq, struct thread *t)
{
	/* EXERCISE 2.2 BEGIN  blank: */
	rb_erase(&rq->tree, &t->run_node);
	rq->count--;
	/* EXERCISE 2.2 END */
}

struct thread *rq_pick(struct runqueue *rq)
{
	/* EXERCISE 2.2 BEGIN  blank: return NULL; */
	struct thread *t = thread_of(rb_first(&rq->tree));

	if (t)
		rq_dequeue(rq, t);
	return t;
	/* EXERCISE 2.2 END */
}

void rq_charge(struct runqueue *rq, struct thread *t, u64 ns)
{
	/* EXERCISE 2.2 BEGIN  blank: */
	t->vruntime += ns * nice_weight(0) / nice_weight(t->nice);
	advance_min(rq);
	/* EXERCISE 2.2 END */
}
