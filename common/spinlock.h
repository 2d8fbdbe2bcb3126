/*
 * Spinlocks. Holding one keeps interrupts off on this CPU: the count in
 * struct cpu nests them, and the last unlock restores what was before the first.
 * So they serve against other CPUs and against interrupt handlers alike.
 *
 * Nobody sleeps, touches user memory, or waits for another CPU with one held.
 *
 * Every lock has a rank; a lock may be taken only if its rank is higher than
 * that of all locks the CPU holds. Debug builds check this on every
 * acquisition. docs/locking.md explains the table.
 */
#pragma once

#include "common/types.h"
#include "common/lockrank.h"

struct spinlock {
	u32 locked;
	u16 rank;		/* enum lock_rank */
	s16 cpu;		/* holder, -1 when free; for the checks and gdb */
	const char *name;
};

#define SPINLOCK_INIT(name_, rank_)	{ 0, (rank_), -1, (name_) }
#define DEFINE_SPINLOCK(var, rank)	struct spinlock var = SPINLOCK_INIT(#var, rank)

void spin_init(struct spinlock *l, const char *name, enum lock_rank rank);
void spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
/* True if taken; never waits, so it is not bound by the order. */
bool spin_trylock(struct spinlock *l);
/*
 * Like spin_lock() for a second lock of the same rank; the caller orders them, by address for
 * instance.
 */
void spin_lock_nested(struct spinlock *l);
bool spin_held(const struct spinlock *l);

/*
 * Nesting interrupt disabling without a lock; the first call remembers whether
 * they were on, the last enable restores that.
 */
void irq_disable(void);
void irq_enable(void);

/* How many spinlocks (and irq_disable()s) this CPU is under; 0: may sleep. */
int irq_depth(void);
