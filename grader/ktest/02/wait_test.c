/*
 * Waiting and waking (exercise 2.6), and the locks that sleep (mutex.h), which no exercise owns.
 */
#include "helpers.h"

static DEFINE_WAIT_QUEUE(queue);
static int finished;		/* helper threads that are done */

static void done(void)
{
	__atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
}

static bool start_helpers(int n, void (*fn)(void *arg))
{
	finished = 0;
	for (long i = 0; i < n; i++)
		if (!kthread_create("ktest", fn, (void *)i))
			return false;
	return true;
}

static bool asleep_in(struct wait_queue *q, int n)
{
	int waiting = 0;
	struct wait_entry *e;

	spin_lock(&q->lock);
	list_for_each_entry(e, &q->entries, link)
		waiting += READ_ONCE(e->thread->state) == THREAD_SLEEPING;
	spin_unlock(&q->lock);
	return waiting == n;
}

static bool asleep(int n)
{
	return asleep_in(&queue, n);
}

static bool go;

static void wait_for_go(void *arg)
{
	wait_event(&queue, READ_ONCE(go), WAIT_UNINTERRUPTIBLE);
	done();
}

KTEST(wait_no_sleep, "2.0", 0, "a wake-up before the wait is not lost: the condition holds already")
{
	go = true;
	wake_up_all(&queue);
	KTEST_EQ(wait_event(&queue, READ_ONCE(go), WAIT_UNINTERRUPTIBLE), 0);
	KTEST_ASSERT(!wait_queue_active(&queue));
}

KTEST(wait_wake_all, "2.6", 3, "all waiters sleep until the condition holds and somebody wakes them")
{
	go = false;
	KTEST_ASSERT(start_helpers(3, wait_for_go));
	KTEST_ASSERT(eventually(asleep(3)));
	wake_up_all(&queue);		/* for nothing: they look, and sleep again */
	KTEST_ASSERT(eventually(asleep(3)));
	KTEST_EQ(finished, 0);
	WRITE_ONCE(go, true);
	wake_up_all(&queue);
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 3));
	KTEST_ASSERT(!wait_queue_active(&queue));
}

KTEST(wait_timeout, "2.6", 2, "a wait ends with ETIMEDOUT, not before its deadline and not long after")
{
	u64 start = clock_monotonic(), took;

	KTEST_EQ(wait_event_until(&queue, false, WAIT_UNINTERRUPTIBLE, start + 5 * MS), -ETIMEDOUT);
	took = clock_monotonic() - start;
	KTEST_MSG(took >= 5 * MS && took < 5000 * MS, "5 ms took %lu us", took / 1000);
	KTEST_EQ(wait_event_until(&queue, false, WAIT_UNINTERRUPTIBLE, start), -ETIMEDOUT);
	KTEST_EQ(wait_event_until(&queue, true, WAIT_UNINTERRUPTIBLE, start), 0);
	start = clock_monotonic();
	KTEST_EQ(sleep_until(start + 5 * MS, WAIT_UNINTERRUPTIBLE), -ETIMEDOUT);
	took = clock_monotonic() - start;
	KTEST_MSG(took >= 5 * MS, "sleep_until() returned after %lu us of 5000", took / 1000);
	KTEST_ASSERT(!wait_queue_active(&queue));
}

/*
 * Sleep for at most ms, queued; if early, the wake-up comes just before the sleep. How long it
 * took.
 */
static __noinline u64 sleep_queued(unsigned ms, bool early, int *error)
{
	u64 start = clock_monotonic();
	struct wait_entry e;

	wait_entry_init(&e);
	wait_queue_add(&queue, &e);
	wait_prepare(WAIT_UNINTERRUPTIBLE);
	if (early)
		wake_up(&queue);
	*error = wait_sleep(WAIT_UNINTERRUPTIBLE, start + ms * MS);
	wait_done();
	wait_queue_remove(&queue, &e);
	return clock_monotonic() - start;
}

KTEST(wait_early_wake, "2.6", 3, "a wake-up between the look at the condition and the sleep is not lost")
{
	int error;
	u64 took = sleep_queued(5, false, &error);

	KTEST_EQ(error, 0);
	KTEST_MSG(took >= 5 * MS, "nobody woke, but wait_sleep() returned after %lu us of 5000",
		  took / 1000);
	took = sleep_queued(2000, true, &error);
	KTEST_EQ(error, 0);
	KTEST_MSG(took < 1000 * MS,
		  "a wake-up after wait_prepare() was lost: wait_sleep() slept for %lu ms",
		  took / MS);
}

KTEST(wait_timer_ends, "2.6", 2, "a sleeper that is woken before its deadline leaves no timer behind")
{
	u64 start, took;
	int error;

	KTEST_ASSERT(sleep_queued(20, false, &error) >= 20 * MS);
	sleep_queued(20, true, &error);
	start = clock_monotonic();
	wait_prepare(WAIT_UNINTERRUPTIBLE);
	wait_sleep(WAIT_UNINTERRUPTIBLE, start + 60 * MS);
	wait_done();
	took = clock_monotonic() - start;
	KTEST_MSG(took >= 60 * MS, "an old timer ended a sleep of 60 ms after %lu ms", took / MS);
}

static struct thread *sleepers[3];
static int results[3];

static void wait_in_mode(void *arg)
{
	enum wait_mode mode = (enum wait_mode)(long)arg;

	sleepers[mode] = current;
	results[mode] = wait_event(&queue, READ_ONCE(go), mode);
	done();
}

static void interrupt_sleepers(void)
{
	for (int i = 0; i < 3; i++) {
		thread_set_work(sleepers[i], WORK_SIGNAL);
		thread_interrupt(sleepers[i], WAIT_INTERRUPTIBLE);
	}
	KTEST_MSG(eventually(READ_ONCE(finished) == 1),
		  "a signal does not end an interruptible wait");
	wake_up_all(&queue);		/* for nothing: each looks whether it may go on sleeping */
	sleep_ms(5);
	KTEST_MSG(READ_ONCE(finished) == 1,
		  "a signal ended %d waits, but only one was interruptible", finished);
	KTEST_EQ(results[WAIT_INTERRUPTIBLE], -ERESTARTSYS);
	thread_kill(sleepers[WAIT_KILLABLE]);
	thread_kill(sleepers[WAIT_UNINTERRUPTIBLE]);
	KTEST_MSG(eventually(READ_ONCE(finished) == 2), "a kill does not end a killable wait");
	wake_up_all(&queue);
	sleep_ms(5);
	KTEST_MSG(READ_ONCE(finished) == 2, "a kill ended an uninterruptible wait");
	KTEST_EQ(results[WAIT_KILLABLE], -ERESTARTSYS);
}

KTEST(wait_interrupted, "2.6", 2, "a signal ends interruptible waits, a kill also killable ones, and nothing the others")
{
	go = false;
	KTEST_ASSERT(start_helpers(3, wait_in_mode));
	KTEST_ASSERT(eventually(asleep(3)));
	interrupt_sleepers();
	WRITE_ONCE(go, true);		/* whatever failed, nobody is left behind */
	wake_up_all(&queue);
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 3));
	KTEST_EQ(results[WAIT_UNINTERRUPTIBLE], 0);
}

static int order[4], served;

static void wait_exclusive(void *arg)
{
	struct wait_entry e;

	wait_entry_init(&e);
	wait_queue_add_exclusive(&queue, &e);
	wait_prepare(WAIT_UNINTERRUPTIBLE);
	wait_sleep(WAIT_UNINTERRUPTIBLE, WAIT_FOREVER);
	wait_done();
	order[__atomic_fetch_add(&served, 1, __ATOMIC_SEQ_CST)] = (int)(long)arg;
	wait_queue_remove(&queue, &e);
	done();
}

KTEST(wait_one_by_one, "2.6", 3, "exclusive waiters are served one by one, in order; the others all at once")
{
	served = finished = 0;
	go = false;
	for (long i = 0; i < 3; i++) {
		KTEST_ASSERT(kthread_create("ktest", wait_exclusive, (void *)i));
		KTEST_ASSERT(eventually(asleep(i + 1)));
	}
	KTEST_ASSERT(kthread_create("ktest", wait_for_go, NULL));
	KTEST_ASSERT(eventually(asleep(4)));
	WRITE_ONCE(go, true);
	wake_up(&queue);
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 2 && asleep(2)));
	KTEST_EQ(served, 1);
	wake_up(&queue);
	KTEST_ASSERT(eventually(READ_ONCE(served) == 2 && asleep(1)));
	wake_up(&queue);
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 4));
	for (int i = 0; i < 3; i++)
		KTEST_EQ(order[i], i);
}

#define ROUNDS	2000

static int turn;
static struct wait_queue sides[2];

/* Each side waits for its turn and gives it to the other one. A lost wake-up stops both. */
static void play(void *arg)
{
	long me = (long)arg;

	for (int i = 0; i < ROUNDS; i++) {
		int error =
			wait_event_until(&sides[me], READ_ONCE(turn) == me, WAIT_UNINTERRUPTIBLE,
					 clock_monotonic() + PATIENCE / 2);

		if (error) {
			ktest_fail(__FILE__, __LINE__, "round %d: a wake-up was lost", i);
			break;
		}
		WRITE_ONCE(turn, 1 - me);
		wake_up(&sides[1 - me]);
	}
	done();
}

KTEST(wait_ping_pong, "2.6", 1, "two threads wake each other thousands of times, and no wake-up is lost")
{
	wait_queue_init(&sides[0]);
	wait_queue_init(&sides[1]);
	turn = -1;		/* nobody's: both sleep */
	KTEST_ASSERT(start_helpers(2, play));
	KTEST_ASSERT(eventually(asleep_in(&sides[0], 1) && asleep_in(&sides[1], 1)));
	WRITE_ONCE(turn, 0);
	wake_up(&sides[0]);
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 2));
	KTEST_EQ(turn, 0);
}

/* ---- locks ---- */

static struct mutex mutex;
static struct rwsem sem;
static u64 shared[2];
static int readers;

static void count_up(void *arg)
{
	for (int i = 0; i < 300; i++) {
		u64 v;

		mutex_lock(&mutex);
		v = READ_ONCE(shared[0]);
		if (i % 3 == 0)
			thread_yield();		/* sleep with the lock held */
		WRITE_ONCE(shared[0], v + 1);
		mutex_unlock(&mutex);
	}
	done();
}

KTEST(mutex_contended, "2.0", 0, "four threads that share a mutex lose no increment")
{
	mutex_init(&mutex, "ktest", RANK_SLEEP_LEAF);
	shared[0] = 0;
	KTEST_ASSERT(start_helpers(4, count_up));
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 4));
	KTEST_EQ(shared[0], 1200);
	KTEST_ASSERT(mutex_trylock(&mutex));
	KTEST_ASSERT(mutex_held(&mutex));
	mutex_unlock(&mutex);
	KTEST_ASSERT(!mutex_held(&mutex));
}

static void read_pairs(void *arg)
{
	for (int i = 0; i < 300; i++) {
		down_read(&sem);
		__atomic_fetch_add(&readers, 1, __ATOMIC_SEQ_CST);
		thread_yield();
		if (READ_ONCE(shared[0]) != READ_ONCE(shared[1]))
			ktest_fail(__FILE__, __LINE__, "a reader saw a writer's work half done");
		__atomic_fetch_sub(&readers, 1, __ATOMIC_SEQ_CST);
		up_read(&sem);
	}
	done();
}

static void write_pairs(void *arg)
{
	for (int i = 0; i < 300; i++) {
		down_write(&sem);
		if (READ_ONCE(readers))
			ktest_fail(__FILE__, __LINE__, "a writer came in among readers");
		WRITE_ONCE(shared[0], shared[0] + 1);
		thread_yield();
		WRITE_ONCE(shared[1], shared[1] + 1);
		up_write(&sem);
	}
	done();
}

static void reader_or_writer(void *arg)
{
	if ((long)arg < 3)
		read_pairs(arg);
	else
		write_pairs(arg);
}

KTEST(rwsem_contended, "2.0", 0, "writers are alone, and all readers and writers get their turn")
{
	rwsem_init(&sem, "ktest", RANK_SLEEP_LEAF);
	shared[0] = shared[1] = 0;
	KTEST_ASSERT(start_helpers(5, reader_or_writer));
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 5));
	KTEST_EQ(shared[0], 600);
	KTEST_EQ(sem.count, 0);
}

static void read_once(void *arg)
{
	down_read(&sem);
	up_read(&sem);
	done();
}

KTEST(rwsem_readers_share, "2.0", 0, "a reader comes in beside another one, a writer does not")
{
	rwsem_init(&sem, "ktest", RANK_SLEEP_LEAF);
	down_read(&sem);
	KTEST_ASSERT(start_helpers(1, read_once));
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 1));
	up_read(&sem);
	down_write(&sem);
	KTEST_ASSERT(!down_read_trylock(&sem));
	KTEST_ASSERT(start_helpers(1, read_once));
	sleep_ms(5);
	KTEST_EQ(finished, 0);
	up_write(&sem);
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 1));
}

static void write_once(void *arg)
{
	down_write(&sem);
	up_write(&sem);
	done();
}

KTEST(rwsem_writer_waits, "2.0", 0, "a waiting writer keeps new readers out, so that it is not starved")
{
	rwsem_init(&sem, "ktest", RANK_SLEEP_LEAF);
	down_read(&sem);
	KTEST_ASSERT(start_helpers(1, write_once));
	KTEST_ASSERT(eventually(READ_ONCE(sem.writers_waiting) == 1));
	KTEST_ASSERT(!down_read_trylock(&sem));
	KTEST_EQ(finished, 0);
	up_read(&sem);
	KTEST_ASSERT(eventually(READ_ONCE(finished) == 1));
	KTEST_ASSERT(down_read_trylock(&sem));
	up_read(&sem);
}
