/*
 * Real-time threads (sched(7), SCHED_FIFO and SCHED_RR): those with a priority from 1 to 99, which
 * run before all others. They wait in a list of their own beside the run queue's tree, the most
 * important first and equals in the order in which they came.
 *
 * - Who is preempted stays first among his equals. Who yields, or whose slice of SCHED_RR is used
 *   up (t->to_tail), goes behind them.
 * - Of all waiting real-time threads the most important ones run, on whatever CPUs they may use:
 *   a woken one goes where the least important thread is (real_time_cpu()), a preempted one goes
 *   on elsewhere if it can, and a CPU that changes threads looks for one that waits at another
 *   CPU (real_time_from()).
 * - They get at most 95 % of each second while others wait, so that a loop in one of them does not
 *   stop the machine. (Linux: sched_rt_runtime_us.)
 */
#include "common/abi/sched.h"
#include "02-usermode/real_time.h"
#include "02-usermode/smp.h"
#include "02-usermode/timer.h"

#define PERIOD_NS	NSEC_PER_SEC
#define RUNTIME_NS	(PERIOD_NS / 100 * 95)

int real_time_waiting;

static struct thread *first_of(struct runqueue *rq)
{
	return list_empty(&rq->real_time) ? NULL :
	       list_first_entry(&rq->real_time, struct thread, real_time_link);
}

static void note_first(struct runqueue *rq)
{
	struct thread *t = first_of(rq);

	WRITE_ONCE(rq->real_time_first, t ? t->real_time : 0);
}

void real_time_add(struct runqueue *rq, struct thread *t, bool before_equals)
{
	struct list_head *at = &rq->real_time;
	struct thread *other;

	list_for_each_entry(other, &rq->real_time, real_time_link)
		if (other->real_time < t->real_time ||
		    (before_equals && other->real_time == t->real_time)) {
			at = &other->real_time_link;
			break;
		}
	list_add_tail(&t->real_time_link, at);
	rq->real_time_count++;
	atomic_fetch_add(&real_time_waiting, 1);
	note_first(rq);
}

void real_time_take(struct runqueue *rq, struct thread *t)
{
	list_del(&t->real_time_link);
	rq->real_time_count--;
	atomic_fetch_sub(&real_time_waiting, 1);
	note_first(rq);
}

static bool used_up(const struct runqueue *rq)
{
	return rq->real_time_ns > RUNTIME_NS && clock_monotonic() - rq->period_start < PERIOD_NS;
}

struct thread *real_time_pick(struct runqueue *rq)
{
	struct thread *t = first_of(rq);

	if (rq->count && used_up(rq))
		return NULL;
	real_time_take(rq, t);
	t->to_tail = false;
	return t;
}

void real_time_charge(struct runqueue *rq, u64 ns)
{
	u64 now = clock_monotonic();

	if (now - rq->period_start >= PERIOD_NS) {
		rq->period_start = now;
		rq->real_time_ns = 0;
	}
	rq->real_time_ns += ns;
}

bool real_time_tick(struct runqueue *rq, struct thread *t)
{
	if (!t->real_time)
		return rq->real_time_count && !used_up(rq);
	if (rq->count && used_up(rq))
		return true;
	if (t->policy == SCHED_RR && (t->slice_ns += TICK_NS) >= SLICE_RR_NS) {
		t->slice_ns = 0;
		t->to_tail = true;
	}
	return rq->real_time_first > t->real_time ||
	       (t->to_tail && rq->real_time_first == t->real_time);
}

/* Of what runs or will run there: -1 if the CPU is idle, 0 for a thread that is not real-time. */
static int importance(const struct runqueue *rq)
{
	return MAX(READ_ONCE(rq->priority), (int)READ_ONCE(rq->real_time_first));
}

int real_time_cpu(const struct thread *t)
{
	int best = t->cpu_mask & BIT(t->cpu) ? t->cpu : -1;

	for (int i = 0; i < cpu_count; i++)
		if ((t->cpu_mask & BIT(i)) && cpus[i].online &&
		    (best < 0 || importance(&runqueues[i]) < importance(&runqueues[best])))
			best = i;
	return best < 0 ? __builtin_ctzl(t->cpu_mask) : best;
}

bool real_time_leaves(struct runqueue *rq, const struct thread *t)
{
	int cpu;

	if (rq->real_time_first < t->real_time)
		return false;
	cpu = real_time_cpu(t);
	return &runqueues[cpu] != rq && importance(&runqueues[cpu]) < t->real_time;
}

struct runqueue *real_time_search(struct runqueue *me, const struct thread *running)
{
	int most = READ_ONCE(me->real_time_first);
	struct runqueue *from = NULL;

	if (running->state == THREAD_RUNNING && running->real_time > most)
		most = running->real_time;
	for (int i = 0; i < cpu_count; i++)
		if (READ_ONCE(runqueues[i].real_time_first) > most) {
			from = &runqueues[i];
			most = READ_ONCE(from->real_time_first);
		}
	return from == me ? NULL : from;
}
