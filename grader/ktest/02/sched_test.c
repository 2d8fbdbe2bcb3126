/*
 * The scheduler's surroundings: timers, the tick, calls to other CPUs, affinity. No exercise owns
 * them.
 */
#include "common/cpu.h"
#include "common/x86.h"
#include "helpers.h"
#include "02-usermode/smp.h"

/* ---- timers ---- */

static struct timer timers[8];
static int fired[ARRAY_SIZE(timers)], fired_count;

static void note(struct timer *t)
{
	fired[__atomic_fetch_add(&fired_count, 1, __ATOMIC_SEQ_CST)] = (int)(t - timers);
}

static void init_timers(void)
{
	fired_count = 0;
	for (int i = 0; i < ARRAY_SIZE(timers); i++)
		timer_init(&timers[i], note);
}

KTEST(timer_order, "2.0", 0, "timers fire in the order of their times, however they were started")
{
	static const u8 times[] = { 5, 2, 8, 1, 7, 3, 6, 4 };
	u64 now;

	init_timers();
	irq_disable();			/* stay on one CPU */
	now = clock_monotonic();
	for (int i = 0; i < ARRAY_SIZE(times); i++)
		timer_start(&timers[i], now + times[i] * MS);
	irq_enable();
	KTEST_ASSERT(eventually(READ_ONCE(fired_count) == ARRAY_SIZE(times)));
	KTEST_ASSERT(clock_monotonic() >= now + 8 * MS);
	for (int i = 0; i < ARRAY_SIZE(times); i++)
		KTEST_EQ(times[fired[i]], i + 1);
}

KTEST(timer_cancelled, "2.0", 0, "a cancelled timer does not fire, one that is started again fires once, later")
{
	u64 now = clock_monotonic();

	init_timers();
	timer_start(&timers[0], now + 5 * MS);
	timer_start(&timers[1], now + 5 * MS);
	timer_start(&timers[1], now + 30 * MS);
	KTEST_ASSERT(timer_cancel(&timers[0]));
	KTEST_ASSERT(!timer_cancel(&timers[0]));
	KTEST_ASSERT(eventually(READ_ONCE(fired_count) == 1));
	KTEST_EQ(fired[0], 1);
	KTEST_ASSERT(clock_monotonic() >= now + 30 * MS);
	KTEST_ASSERT(!timer_cancel(&timers[1]));
	sleep_ms(10);
	KTEST_EQ(fired_count, 1);
}

static int rearmed;

static void rearm(struct timer *t)
{
	__atomic_fetch_add(&rearmed, 1, __ATOMIC_SEQ_CST);
	timer_start(t, clock_monotonic() + 20 * NSEC_PER_USEC);
}

KTEST(timer_cancel_sync, "2.0", 0, "after timer_cancel_sync() a timer that starts itself again is quiet for good")
{
	for (int i = 0; i < 50; i++) {
		struct timer t;
		int count;

		timer_init(&t, rearm);
		rearmed = 0;
		timer_start(&t, clock_monotonic());
		KTEST_ASSERT(eventually(READ_ONCE(rearmed) > 2));
		timer_cancel_sync(&t);
		count = READ_ONCE(rearmed);
		KTEST_EQ(t.cpu, -1);
		sleep_until(clock_monotonic() + 100 * NSEC_PER_USEC, WAIT_UNINTERRUPTIBLE);
		KTEST_EQ(READ_ONCE(rearmed), count);
	}
}

KTEST(tick_after_sleep, "2.0", 0, "a thread that slept for a moment on an idle CPU is looked at by the tick again")
{
	for (int i = 0; i < 20; i++) {
		u64 ticks, limit;

		sleep_until(clock_monotonic() + (1 + i % 9) * MS, WAIT_UNINTERRUPTIBLE);
		ticks = READ_ONCE(current->system_ticks);
		limit = clock_monotonic() + 2 * NSEC_PER_SEC;
		while (READ_ONCE(current->system_ticks) == ticks && clock_monotonic() < limit)
			cpu_relax();
		KTEST_MSG(READ_ONCE(current->system_ticks) != ticks,
			  "round %d: two seconds without a tick", i);
	}
}

/* ---- other CPUs ---- */

static u64 called;

static void called_here(void *arg)
{
	if (arg != &called || irqs_on())
		ktest_fail(__FILE__, __LINE__, "wrong argument, or interrupts are on");
	__atomic_fetch_or(&called, BIT(cpu_id()), __ATOMIC_SEQ_CST);
}

KTEST(smp_call_all, "2.0", 0, "a call to all CPUs has run on each but the caller's when it returns")
{
	for (int i = 0; i < 300; i++) {
		u64 others;

		called = 0;
		others = (BIT(cpu_count) - 1) & ~BIT(cpu_id());
		smp_call(~0UL, called_here, &called);
		KTEST_EQ(called, others);
	}
}

static int callers, answers;

static void answer(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_SEQ_CST);
}

static void call_often(void *arg)
{
	for (int i = 0; i < 300; i++) {
		smp_call(~0UL, answer, &answers);
		cond_resched();
	}
	__atomic_fetch_add(&callers, 1, __ATOMIC_SEQ_CST);
}

KTEST(smp_call_crossed, "2.0", 0, "CPUs that call each other at the same time all get their answers")
{
	callers = answers = 0;
	for (int i = 0; i < 3; i++)
		KTEST_ASSERT(kthread_create("ktest", call_often, NULL));
	KTEST_ASSERT(eventually(READ_ONCE(callers) == 3));
	KTEST_EQ(answers, 900 * (cpu_count - 1));
}

static struct {
	struct thread *thread;
	bool stop, stopped;
	int cpu;
} mover;

static void move_about(void *arg)
{
	thread_get(current);
	WRITE_ONCE(mover.thread, current);
	while (!READ_ONCE(mover.stop)) {
		WRITE_ONCE(mover.cpu, cpu_id());
		if (arg)
			sleep_until(clock_monotonic() + 100 * NSEC_PER_USEC, WAIT_UNINTERRUPTIBLE);
		else
			cond_resched();
	}
	WRITE_ONCE(mover.stopped, true);
}

/* Send a thread that runs, or mostly sleeps, from CPU to CPU. */
static void send_around(void *sleeps)
{
	memset(&mover, 0, sizeof(mover));
	KTEST_ASSERT(kthread_create("ktest", move_about, sleeps));
	KTEST_ASSERT(eventually(READ_ONCE(mover.thread)));
	for (int i = 0; i < 20; i++) {
		int cpu = i % cpu_count;

		KTEST_EQ(thread_set_affinity(mover.thread, BIT(cpu)), 0);
		KTEST_ASSERT(eventually(READ_ONCE(mover.cpu) == cpu));
		sleep_ms(2);
		KTEST_EQ(READ_ONCE(mover.cpu), cpu);
	}
	KTEST_EQ(thread_set_affinity(mover.thread, 0), -EINVAL);
	KTEST_EQ(thread_set_affinity(mover.thread, BIT(cpu_count)), -EINVAL);
}

static void stop_mover(void)
{
	WRITE_ONCE(mover.stop, true);
	KTEST_ASSERT(eventually(READ_ONCE(mover.stopped)));
	thread_put(mover.thread);
}

KTEST(affinity_others, "2.0", 0, "a thread goes to the CPUs that it is allowed, whether it runs or sleeps")
{
	KTEST_CALL(send_around(NULL));
	KTEST_CALL(stop_mover());
	KTEST_CALL(send_around(&mover));
	KTEST_CALL(stop_mover());
}

KTEST(affinity_own, "2.0", 0, "after thread_set_affinity() on itself a thread runs where it wants")
{
	for (int i = 0; i < 100; i++) {
		KTEST_EQ(thread_set_affinity(current, BIT(i % cpu_count)), 0);
		KTEST_EQ(cpu_id(), i % cpu_count);
	}
	KTEST_EQ(thread_set_affinity(current, ~0UL), 0);
}

static int spinning, spin_cpus;
static bool spin_stop;

static void spin(void *arg)
{
	__atomic_fetch_add(&spinning, 1, __ATOMIC_SEQ_CST);
	while (!READ_ONCE(spin_stop)) {
		__atomic_fetch_or(&spin_cpus, 1 << cpu_id(), __ATOMIC_SEQ_CST);
		cond_resched();
	}
	__atomic_fetch_sub(&spinning, 1, __ATOMIC_SEQ_CST);
}

KTEST(all_cpus_work, "2.0", 0, "as many busy threads as CPUs use all CPUs, wherever they began")
{
	bool all;

	spinning = 0;
	spin_stop = false;
	for (int i = 0; i < cpu_count; i++)
		KTEST_ASSERT(kthread_create("ktest", spin, NULL));
	KTEST_ASSERT(eventually(READ_ONCE(spinning) == cpu_count));
	spin_cpus = 0;
	all = eventually(READ_ONCE(spin_cpus) == (1 << cpu_count) - 1);
	WRITE_ONCE(spin_stop, true);
	KTEST_ASSERT(eventually(READ_ONCE(spinning) == 0));
	KTEST_ASSERT(all);
}
