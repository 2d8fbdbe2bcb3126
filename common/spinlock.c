/*
 * Spinlocks and nested interrupt disabling (contract in spinlock.h).
 *
 * A plain test-and-set lock that reads while it waits; who waits for a lock that its own CPU holds
 * would wait forever, and panics. Debug builds keep, per CPU, the ranks of
 * the locks held, and panic when one is taken out of order: the order in lockrank.h is total,
 * so no two CPUs can wait for each other in a circle.
 */
#include "common/spinlock.h"
#include "common/atomic.h"
#include "common/cpu.h"
#include "common/panic.h"
#include "common/x86.h"

/*
 * The count is read and changed by single instructions relative to GS: as long as it is 0 this
 * thread may move to another CPU between any two, and once it is not, nothing can intervene.
 */
#define GS_IRQ_DEPTH	"i"(offsetof(struct cpu, irq_depth))

static __always_inline int depth(void)
{
	int n;

	__asm__ volatile("movl %%gs:%c1, %0" : "=r"(n) : GS_IRQ_DEPTH);
	return n;
}

static __always_inline void disable(void)
{
	u64 flags;

	if (!depth()) {
		flags = read_rflags();
		cli();
		this_cpu()->irq_was_on = flags & RFLAGS_IF;
	}
	__asm__ volatile("incl %%gs:%c0" :: GS_IRQ_DEPTH : "memory", "cc");
}

static __always_inline void enable(void)
{
	struct cpu *c = this_cpu();

	if (--c->irq_depth == 0 && c->irq_was_on)
		sti();
}

void irq_disable(void)
{
	disable();
}

void irq_enable(void)
{
	enable();
}

int irq_depth(void)
{
	return depth();
}

/* Any build notices this one when it waits, debug builds at once. */
static void check_twice(const struct spinlock *l)
{
	if (READ_ONCE(l->locked) && l->cpu == cpu_id() && !panicking())
		panic("spinlock %s: taken twice by CPU %d; it would wait for itself forever",
		      l->name, l->cpu);
}

#ifdef DEBUG
/* same: whether a lock of the same rank may be held already (spin_lock_nested()). */
static void check_order(const struct spinlock *l, bool same)
{
	struct cpu *c = this_cpu();

	if (panicking())
		return;
	check_twice(l);
	for (int i = 0; i < c->held_count && l->rank != RANK_NONE; i++) {
		const struct spinlock *held = c->held_locks[i];

		if (held->rank > l->rank || (held->rank == l->rank && !same))
			panic("spinlock %s (rank %u) taken under %s (rank %u): the order is "
			      "in common/lockrank.h", l->name, l->rank, held->name, held->rank);
	}
}

static void note_taken(const struct spinlock *l)
{
	struct cpu *c = this_cpu();

	if (c->held_count < ARRAY_SIZE(c->held_locks)) {
		c->held_ranks[c->held_count] = l->rank;
		c->held_locks[c->held_count++] = l;
	}
}

static void note_released(const struct spinlock *l)
{
	struct cpu *c = this_cpu();

	if (!spin_held(l) && !panicking())
		panic("spinlock %s: released by CPU %d, held by CPU %d", l->name, c->id, l->cpu);
	for (int i = c->held_count - 1; i >= 0; i--) {
		if (c->held_locks[i] != l)
			continue;
		for (c->held_count--; i < c->held_count; i++) {
			c->held_locks[i] = c->held_locks[i + 1];
			c->held_ranks[i] = c->held_ranks[i + 1];
		}
		break;
	}
}
#else
static inline void check_order(const struct spinlock *l, bool same) { }
static inline void note_taken(const struct spinlock *l) { }
static inline void note_released(const struct spinlock *l) { }
#endif

void spin_init(struct spinlock *l, const char *name, enum lock_rank rank)
{
	*l = (struct spinlock)SPINLOCK_INIT(name, rank);
}

/* Somebody holds it: wait until it looks free. */
static __noinline void wait_for(const struct spinlock *l)
{
	check_twice(l);
	while (READ_ONCE(l->locked))
		cpu_relax();
}

static __always_inline void acquire(struct spinlock *l)
{
	while (unlikely(atomic_xchg(&l->locked, 1)))
		wait_for(l);
	l->cpu = cpu_id();
	note_taken(l);
}

void spin_lock(struct spinlock *l)
{
	disable();
	check_order(l, false);
	acquire(l);
}

void spin_lock_nested(struct spinlock *l)
{
	disable();
	check_order(l, true);
	acquire(l);
}

bool spin_trylock(struct spinlock *l)
{
	disable();
	if (atomic_xchg(&l->locked, 1)) {
		enable();
		return false;
	}
	l->cpu = cpu_id();
	note_taken(l);
	return true;
}

void spin_unlock(struct spinlock *l)
{
	note_released(l);
	l->cpu = -1;
	atomic_store(&l->locked, 0);
	enable();
}

bool spin_held(const struct spinlock *l)
{
	return READ_ONCE(l->locked) && l->cpu == cpu_id();
}
