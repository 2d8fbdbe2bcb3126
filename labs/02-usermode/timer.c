/*
 * One-shot timers: per CPU a tree ordered by expiry (contract in timer.h).
 *
 * The hardware timer is programmed for whatever comes first, the earliest timer or
 * the running thread's tick. An early interrupt does no harm: the handler looks at the
 * clock and programs the timer again.
 */
#include "common/atomic.h"
#include "common/cpu.h"
#include "common/panic.h"
#include "common/spinlock.h"
#include "common/trap.h"
#include "02-usermode/sched.h"
#include "02-usermode/smp.h"
#include "02-usermode/timer.h"

struct timer_queue {
	struct spinlock lock;		/* RANK_TIMER */
	struct rb_root tree;
	struct timer *first;		/* the earliest, or NULL */
	u64 next;			/* when it expires, or WAIT_FOREVER; read without the lock */
	/* when the hardware will interrupt; this CPU only, interrupts off */
	u64 armed;
} __aligned(64);

static struct timer_queue queues[MAX_CPUS];

void timer_init_cpu(void)
{
	struct timer_queue *q = &queues[cpu_id()];

	spin_init(&q->lock, "timers", RANK_TIMER);
	q->next = q->armed = WAIT_FOREVER;
}

static struct timer *timer_of(struct rb_node *n)
{
	return n ? rb_entry(n, struct timer, node) : NULL;
}

/*
 * Nothing is to be done if the hardware interrupts early enough anyway: the handler then programs
 * it again.
 */
void timer_program(void)
{
	struct timer_queue *q = &queues[cpu_id()];
	u64 next = MIN(READ_ONCE(q->next), sched_next_tick());
	u64 now;

	if (next >= q->armed)
		return;
	q->armed = next;
	now = clock_monotonic();
	apic_timer_set(next > now ? next - now : 1);
}

static void set_first(struct timer_queue *q, struct timer *t)
{
	q->first = t;
	WRITE_ONCE(q->next, t ? t->expires : WAIT_FOREVER);
}

static void enqueue(struct timer_queue *q, struct timer *t)
{
	struct rb_node **link = &q->tree.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = t->expires < timer_of(parent)->expires ? &parent->left : &parent->right;
	}
	rb_insert(&q->tree, &t->node, parent, link);
	if (!q->first || t->expires < q->first->expires)
		set_first(q, t);
}

static void dequeue(struct timer_queue *q, struct timer *t)
{
	if (q->first == t)
		set_first(q, timer_of(rb_next(&t->node)));
	rb_erase(&q->tree, &t->node);
	t->cpu = -1;
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	*t = (struct timer){ .fn = fn, .cpu = -1 };
}

bool timer_cancel(struct timer *t)
{
	int cpu;

	while ((cpu = READ_ONCE(t->cpu)) >= 0) {
		struct timer_queue *q = &queues[cpu];
		bool mine;

		spin_lock(&q->lock);
		mine = t->cpu == cpu;
		if (mine)
			dequeue(q, t);
		spin_unlock(&q->lock);
		if (mine)
			return true;
	}
	return false;
}

void timer_cancel_sync(struct timer *t)
{
	do {
		timer_cancel(t);
		while (atomic_load(&t->running))
			cpu_relax();
	} while (READ_ONCE(t->cpu) >= 0);
}

void timer_start(struct timer *t, u64 expires)
{
	struct timer_queue *q;

	timer_cancel(t);
	irq_disable();
	q = &queues[cpu_id()];
	spin_lock(&q->lock);
	t->expires = expires;
	t->cpu = cpu_id();
	enqueue(q, t);
	if (q->first == t)
		timer_program();
	spin_unlock(&q->lock);
	irq_enable();
}

static void run_expired(struct timer_queue *q)
{
	spin_lock(&q->lock);
	while (q->first && q->first->expires <= clock_monotonic()) {
		struct timer *t = q->first;

		atomic_inc(&t->running);
		dequeue(q, t);
		spin_unlock(&q->lock);
		t->fn(t);
		/* t may be gone only after this store: timer_cancel_sync() waits for it. */
		atomic_dec(&t->running);
		spin_lock(&q->lock);
	}
	spin_unlock(&q->lock);
}

/* VECTOR_TIMER. */
void timer_interrupt(void *arg)
{
	queues[cpu_id()].armed = WAIT_FOREVER;	/* one shot, and this was it */
	run_expired(&queues[cpu_id()]);
	sched_tick(this_cpu()->interrupted_user);
	timer_program();
}
