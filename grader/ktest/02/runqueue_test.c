/*
 * Exercise 2.2: a run queue of its own, with threads that never run.
 */
#include "common/ktest.h"
#include "02-usermode/runqueue.h"

#define MS	NSEC_PER_MSEC

static struct runqueue rq;
static struct thread threads[8], idle;

static void start(void)
{
	memset(&rq, 0, sizeof(rq));
	memset(threads, 0, sizeof(threads));
	rq.idle = rq.running = &idle;
}

static struct thread *add(int i, u64 vruntime)
{
	threads[i].vruntime = vruntime;
	rq_enqueue(&rq, &threads[i]);
	return &threads[i];
}

KTEST(rq_order, "2.2", 5, "the thread with the least time so far is picked, and leaves the queue")
{
	static const u64 times[] = { 50, 10, 70, 30, 20, 60, 40 };

	start();
	for (int i = 0; i < ARRAY_SIZE(times); i++) {
		add(i, times[i] * MS);
		KTEST_EQ(rq.count, i + 1);
	}
	for (u64 want = 10; want <= 70; want += 10) {
		struct thread *t = rq_pick(&rq);

		KTEST_ASSERT(t);
		KTEST_EQ(t->vruntime / MS, want);
		KTEST_EQ(rq.count, (70 - want) / 10);
	}
	KTEST_ASSERT(!rq_pick(&rq));
	KTEST_EQ(rq.count, 0);
}

KTEST(rq_equal, "2.2", 2, "threads with equal times are all kept, and all run")
{
	unsigned seen = 0;

	start();
	for (int i = 0; i < 5; i++)
		add(i, 10 * MS);
	for (int i = 0; i < 5; i++) {
		struct thread *t = rq_pick(&rq);

		KTEST_ASSERT(t);
		seen |= BIT(t - threads);
	}
	KTEST_EQ(seen, 31);
	KTEST_ASSERT(!rq_pick(&rq));
}

KTEST(rq_take_out, "2.2", 4, "a thread is taken out from the front, the middle and the end; the others stay")
{
	start();
	for (int i = 0; i < 6; i++)
		add(i, (u64)(i + 1) * 10 * MS);
	rq_dequeue(&rq, &threads[2]);
	rq_dequeue(&rq, &threads[0]);
	rq_dequeue(&rq, &threads[5]);
	KTEST_EQ(rq.count, 3);
	KTEST_ASSERT(rq_pick(&rq) == &threads[1]);
	KTEST_ASSERT(rq_pick(&rq) == &threads[3]);
	KTEST_ASSERT(rq_pick(&rq) == &threads[4]);
	KTEST_ASSERT(!rq_pick(&rq));
}

KTEST(rq_charge_weight, "2.2", 4, "time is charged by weight: nice 0 as it is, less to the important, more to the nice")
{
	static const s8 nices[] = { 0, 5, -5, 19, -20 };

	start();
	for (int i = 0; i < ARRAY_SIZE(nices); i++) {
		struct thread *t = &threads[i];
		u64 want = 100 * MS * nice_weight(0) / nice_weight(nices[i]);

		t->nice = nices[i];
		rq.running = t;
		rq_charge(&rq, t, 100 * MS);
		KTEST_MSG(t->vruntime + 10 >= want && t->vruntime <= want + 10,
			  "100 ms at nice %d: %lu ns expected, %lu charged", nices[i], want,
			  t->vruntime);
	}
}

KTEST(rq_min_grows, "2.2", 3, "min_vruntime follows the smallest of running and waiting threads, and never goes back")
{
	start();
	threads[0].vruntime = 50 * MS;
	rq.running = &threads[0];
	add(1, 100 * MS);
	add(2, 200 * MS);
	rq_charge(&rq, &threads[0], 10 * MS);
	KTEST_EQ(rq.min_vruntime / MS, 60);	/* the running one has least */
	rq_charge(&rq, &threads[0], 90 * MS);
	KTEST_EQ(rq.min_vruntime / MS, 100);	/* the first in the queue has */
	rq_dequeue(&rq, &threads[1]);
	rq_charge(&rq, &threads[0], 300 * MS);
	KTEST_EQ(rq.min_vruntime / MS, 200);
	add(1, 199 * MS);
	rq_charge(&rq, &threads[0], MS);
	KTEST_EQ(rq.min_vruntime / MS, 200);
}

KTEST(rq_sleeper, "2.2", 2, "a thread that slept long starts near min_vruntime; one that is ahead keeps its time")
{
	start();
	threads[0].vruntime = 500 * MS;
	rq.running = &threads[0];
	rq_charge(&rq, &threads[0], 500 * MS);
	KTEST_EQ(rq.min_vruntime / MS, 1000);
	add(1, 0);
	KTEST_ASSERT(threads[1].vruntime + GRANULARITY_NS >= rq.min_vruntime);
	KTEST_ASSERT(threads[1].vruntime <= rq.min_vruntime);
	add(2, 1500 * MS);
	KTEST_EQ(threads[2].vruntime / MS, 1500);
	KTEST_ASSERT(rq_pick(&rq) == &threads[1]);
}
