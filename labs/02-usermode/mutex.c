/*
 * Mutexes and readers-writer semaphores (contract in mutex.h).
 *
 * The state is one word changed by compare-and-exchange; who cannot have it waits
 * in the queue and tries again when woken. So a lock is never handed over: between the release and
 * the moment in which the woken thread runs, anybody may take it. That costs fairness (nobody is
 * promised a turn) and gains speed, for a running thread need not wait for a switch.
 *
 * The order in a release is the one that all waiting relies on (wait.h): first the state, then a
 * full barrier, then a look at the queue; who waits queues first, and then looks at the state.
 * Either the one sees the other, or the other sees the one.
 *
 * Debug builds check the rank of every acquisition against the locks the thread holds, and that no
 * spinlock is held.
 */
#include "common/panic.h"
#include "02-usermode/mutex.h"
#include "02-usermode/thread.h"

static void __noreturn taken_twice(const char *name)
{
	panic("lock %s taken twice by thread %s; it would wait for itself", name, current->name);
}

/*
 * Held sleeping locks are noted per thread, as spinlocks are per CPU (common/spinlock.c): a thread
 * that sleeps takes its mutexes along to whichever CPU it wakes on. Only its owner touches the
 * list. More than fit are taken all the same; they are just not checked.
 */
#ifdef DEBUG
static void check_order(const void *lock, const char *name, u16 rank, bool same)
{
	struct thread *t = current;

	if (panicking() || !t)
		return;
	if (irq_depth() != 0)
		panic("sleeping lock %s taken with a spinlock held or interrupts off", name);
	for (int i = 0; i < t->held_count; i++) {
		if (t->held_locks[i] == lock)
			taken_twice(name);
		if (rank != RANK_NONE &&
		    (t->held_ranks[i] > rank || (t->held_ranks[i] == rank && !same)))
			panic("lock %s (rank %u) taken under a lock of rank %u: the order is in "
			      "common/lockrank.h",
			      name, rank, t->held_ranks[i]);
	}
}

static void note_taken(const void *lock, u16 rank)
{
	struct thread *t = current;

	if (t && t->held_count < ARRAY_SIZE(t->held_locks)) {
		t->held_ranks[t->held_count] = rank;
		t->held_locks[t->held_count++] = lock;
	}
}

static void note_released(const void *lock)
{
	struct thread *t = current;

	for (int i = t ? t->held_count - 1 : -1; i >= 0; i--) {
		if (t->held_locks[i] != lock)
			continue;
		for (t->held_count--; i < t->held_count; i++) {
			t->held_locks[i] = t->held_locks[i + 1];
			t->held_ranks[i] = t->held_ranks[i + 1];
		}
		return;
	}
}
#else
static inline void check_order(const void *lock, const char *name, u16 rank, bool same) { }
static inline void note_taken(const void *lock, u16 rank) { }
static inline void note_released(const void *lock) { }
#endif

void mutex_init(struct mutex *m, const char *name, enum lock_rank rank)
{
	m->owner = NULL;
	m->rank = rank;
	m->name = name;
	wait_queue_init(&m->waiters);
}

static bool try_own(struct mutex *m)
{
	return atomic_cmpxchg(&m->owner, NULL, current);
}

static int lock_mutex(struct mutex *m, enum wait_mode mode, bool nested)
{
	int error = 0;

	check_order(m, m->name, m->rank, nested);
	if (unlikely(!try_own(m))) {
		if (READ_ONCE(m->owner) == current)
			taken_twice(m->name);
		error = wait_event_exclusive(&m->waiters, try_own(m), mode);
	}
	if (!error)
		note_taken(m, m->rank);
	return error;
}

void mutex_lock(struct mutex *m)
{
	lock_mutex(m, WAIT_UNINTERRUPTIBLE, false);
}

void mutex_lock_nested(struct mutex *m)
{
	lock_mutex(m, WAIT_UNINTERRUPTIBLE, true);
}

int mutex_lock_killable(struct mutex *m)
{
	return lock_mutex(m, WAIT_KILLABLE, false);
}

int mutex_lock_interruptible(struct mutex *m)
{
	return lock_mutex(m, WAIT_INTERRUPTIBLE, false);
}

bool mutex_trylock(struct mutex *m)
{
	if (!try_own(m))
		return false;
	note_taken(m, m->rank);
	return true;
}

void mutex_unlock(struct mutex *m)
{
	note_released(m);
	/* The exchange is the barrier between the state and the look at the queue. */
	if (unlikely(atomic_xchg(&m->owner, NULL) != current))
		panic("mutex %s released by thread %s, which does not hold it", m->name,
		      current->name);
	if (wait_queue_active(&m->waiters))
		wake_up(&m->waiters);
}

bool mutex_held(const struct mutex *m)
{
	return READ_ONCE(m->owner) == current;
}

void rwsem_init(struct rwsem *s, const char *name, enum lock_rank rank)
{
	s->count = 0;
	s->writers_waiting = 0;
	s->rank = rank;
	s->name = name;
	wait_queue_init(&s->waiters);
}

/*
 * count: readers inside, or -1 for a writer. A reader stays out while a writer waits, or else
 * readers that follow each other closely would keep the writer out for ever. For that reason
 * nobody may take the same rwsem for reading twice: a writer that comes in between stops the
 * second one, which the first would have to outlast.
 */
static bool try_read(struct rwsem *s)
{
	s32 n = atomic_load(&s->count);

	while (n >= 0 && READ_ONCE(s->writers_waiting) == 0)
		if (__atomic_compare_exchange_n(&s->count, &n, n + 1, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			return true;
	return false;
}

static bool try_write(struct rwsem *s)
{
	return atomic_cmpxchg(&s->count, 0, -1);
}

void down_read(struct rwsem *s)
{
	check_order(s, s->name, s->rank, false);
	if (unlikely(!try_read(s)))
		wait_event(&s->waiters, try_read(s), WAIT_UNINTERRUPTIBLE);
	note_taken(s, s->rank);
}

bool down_read_trylock(struct rwsem *s)
{
	if (!try_read(s))
		return false;
	note_taken(s, s->rank);
	return true;
}

void up_read(struct rwsem *s)
{
	note_released(s);
	/* Only the last one out makes room for a writer; readers wait for no reader. */
	if (atomic_fetch_sub(&s->count, 1) == 1 && wait_queue_active(&s->waiters))
		wake_up_all(&s->waiters);
}

/* All are woken at a release: it may be the readers' turn, who can go in together. */
static int lock_write(struct rwsem *s, enum wait_mode mode, bool nested)
{
	int error = 0;

	check_order(s, s->name, s->rank, nested);
	if (unlikely(!try_write(s))) {
		atomic_inc(&s->writers_waiting);
		error = wait_event(&s->waiters, try_write(s), mode);
		atomic_dec(&s->writers_waiting);
		if (error)	/* readers may have waited for us alone */
			wake_up_all(&s->waiters);
	}
	if (!error)
		note_taken(s, s->rank);
	return error;
}

void down_write(struct rwsem *s)
{
	lock_write(s, WAIT_UNINTERRUPTIBLE, false);
}

void down_write_nested(struct rwsem *s)
{
	lock_write(s, WAIT_UNINTERRUPTIBLE, true);
}

int down_write_killable(struct rwsem *s)
{
	return lock_write(s, WAIT_KILLABLE, false);
}

void up_write(struct rwsem *s)
{
	note_released(s);
	atomic_store(&s->count, 0);
	smp_mb();
	if (wait_queue_active(&s->waiters))
		wake_up_all(&s->waiters);
}
