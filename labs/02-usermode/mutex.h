/*
 * Locks that sleep: a mutex and a readers-writer semaphore. Fair in order of
 * arrival; uncontended they cost one locked instruction. They are ranked in the same table as
 * spinlocks and are never taken in interrupts or under a spinlock.
 */
#pragma once

#include "02-usermode/wait.h"

struct mutex {
	struct thread *owner;	/* NULL: free. Changed atomically */
	u16 rank;
	const char *name;
	struct wait_queue waiters;
};

#define MUTEX_INIT(var, rank_)	{ NULL, (rank_), #var, WAIT_QUEUE_INIT((var).waiters) }
#define DEFINE_MUTEX(var, rank)	struct mutex var = MUTEX_INIT(var, rank)

void mutex_init(struct mutex *m, const char *name, enum lock_rank rank);
void mutex_lock(struct mutex *m);
/* For a second mutex of the same rank, ordered by the caller (parents first, then by address). */
void mutex_lock_nested(struct mutex *m);
bool mutex_trylock(struct mutex *m);
/* 0, or -ERESTARTSYS when killed (or, interruptible, signalled) while waiting. */
int mutex_lock_killable(struct mutex *m);
int mutex_lock_interruptible(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_held(const struct mutex *m);	/* by the current thread */

struct rwsem {
	s32 count;		/* > 0: that many readers; -1: a writer; 0: free */
	u32 writers_waiting;	/* readers queue behind them */
	u16 rank;
	const char *name;
	struct wait_queue waiters;
};

void rwsem_init(struct rwsem *s, const char *name, enum lock_rank rank);
void down_read(struct rwsem *s);
void up_read(struct rwsem *s);
void down_write(struct rwsem *s);
void up_write(struct rwsem *s);
/* For a second one of the same rank, ordered by the caller. */
void down_write_nested(struct rwsem *s);
int down_write_killable(struct rwsem *s);
bool down_read_trylock(struct rwsem *s);
