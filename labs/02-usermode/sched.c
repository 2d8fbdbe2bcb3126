/*
 * The scheduler: who runs where, and for how long (contract in thread.h).
 *
 * Each CPU has a run queue (runqueue.h). A thread leaves the CPU in schedule():
 * because it sleeps, because its time is up (WORK_RESCHED, seen on the way back to user
 * mode), or because it dies. The kernel itself is never preempted. An idle CPU takes work
 * from the fullest queue before it halts.
 *
 * The run queue's lock is held across the switch, from the old thread's decision to
 * sleep until the new thread runs on its own stack: so whoever finds a thread off
 * the CPU under that lock may run it elsewhere.
 */
#include "common/abi/sched.h"
#include "common/panic.h"
#include "common/x86.h"
#include "01-memory/kmem.h"
#include "02-usermode/fpu.h"
#include "02-usermode/mm.h"
#include "02-usermode/real_time.h"
#include "02-usermode/runqueue.h"
#include "02-usermode/sched.h"
#include "02-usermode/smp.h"
#include "02-usermode/switch.h"
#include "02-usermode/timer.h"

#define IDLE_WEIGHT	3	/* of a SCHED_IDLE thread */

struct runqueue runqueues[MAX_CPUS];
void (*sched_switch_hook)(const struct thread *prev, const struct thread *next);

static struct runqueue *this_rq(void)
{
	return &runqueues[cpu_id()];
}

u32 nice_weight(int nice)
{
	/* 1024 * 1.25^-nice */
	static const u32 weights[40] = {
		88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
		9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
		1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
		110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
	};

	return weights[nice + 20];
}

/* Which sum t's time belongs to: user or system as its last sample said. */
static u64 *time_of(struct runqueue *rq, const struct thread *t)
{
	if (t == rq->idle)
		return &rq->times.idle;
	if (t->in_system || !t->mm)
		return &rq->times.system;
	return t->nice > 0 ? &rq->times.nice : &rq->times.user;
}

/* Charge the running thread for the time since the last look. rq locked. */
static void account(struct runqueue *rq, struct thread *t)
{
	u64 now = clock_monotonic();
	u64 ns = now - t->run_start;

	t->run_start = now;
	t->run_ns += ns;
	*time_of(rq, t) += ns;
	if (t == rq->idle)
		return;
	if (t->real_time)
		real_time_charge(rq, ns);
	else if (t->policy == SCHED_IDLE)
		rq_charge(rq, t, ns * nice_weight(t->nice) / IDLE_WEIGHT);
	else
		rq_charge(rq, t, ns);
}

/* Make the CPU state that is not on the stack that of next. Interrupts off. */
static void switch_state(struct thread *prev, struct thread *next)
{
	struct cpu *c = this_cpu();

	if (prev->fpu && prev->state != THREAD_DEAD)
		fpu_save(prev->fpu);
	if (prev->mm || prev->fpu) {
		prev->fs_base = rdmsr(MSR_FS_BASE);
		prev->gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
	mm_switch(prev->mm, next->mm);
	if (next->fpu) {
		fpu_restore(next->fpu);
		wrmsr(MSR_FS_BASE, next->fs_base);
		wrmsr(MSR_KERNEL_GS_BASE, next->gs_base);
	}
	c->thread = next;
	c->kernel_stack = (u64)next->stack + KERNEL_STACK_SIZE;
	c->tss.rsp[0] = c->kernel_stack;
}

/*
 * A thread begins to run here: the tick must come. (While the CPU was idle the timer may have been
 * set for something later, so it is looked at even if the time of the tick is still to come.)
 */
static void start_tick(struct runqueue *rq)
{
	u64 now = rq->running->run_start;

	if (rq->tick_at <= now)
		rq->tick_at = now + TICK_NS;
	timer_program();
}

/* Lock the queue that t is or was on. */
static struct runqueue *lock_rq_of(struct thread *t)
{
	for (;;) {
		struct runqueue *rq = &runqueues[READ_ONCE(t->cpu)];

		spin_lock(&rq->lock);
		if (rq == &runqueues[t->cpu])
			return rq;
		spin_unlock(&rq->lock);
	}
}

static bool cpu_is_idle(int cpu)
{
	struct runqueue *rq = &runqueues[cpu];

	return rq->running == rq->idle && queue_length(rq) == 0;
}

/* Where a woken thread should run: where it was, unless that is busy and another CPU is idle. */
static int choose_cpu(struct thread *t)
{
	if (t->real_time)
		return real_time_cpu(t);
	if ((t->cpu_mask & BIT(t->cpu)) && (cpu_is_idle(t->cpu) || cpu_count == 1))
		return t->cpu;
	for (int i = 0; i < cpu_count; i++)
		if ((t->cpu_mask & BIT(i)) && cpus[i].online && cpu_is_idle(i))
			return i;
	if (t->cpu_mask & BIT(t->cpu))
		return t->cpu;
	return __builtin_ctzl(t->cpu_mask);
}

static bool preempts(const struct runqueue *rq, const struct thread *t)
{
	const struct thread *running = rq->running;

	if (running == rq->idle)
		return true;
	if (t->real_time || running->real_time)
		return t->real_time > running->real_time;
	return t->vruntime + GRANULARITY_NS < running->vruntime;
}

/*
 * Put t, RUNNING and not queued, on rq (locked; unlocks it), and make its CPU look if t should run
 * at once. The interrupt is sent without the lock: the other CPU will want it.
 */
static void activate(struct runqueue *rq, struct thread *t)
{
	int cpu = rq - runqueues;
	bool now;

	t->on_queue = true;
	queue_add(rq, t, false);
	now = preempts(rq, t);
	if (now)
		atomic_fetch_or(&rq->running->work, WORK_RESCHED);
	spin_unlock(&rq->lock);
	if (now && cpu != cpu_id())
		smp_reschedule(cpu);
}

/*
 * Move t's home from rq (locked) to the queue of `cpu` (returned locked). vruntime is relative to a
 * queue.
 */
static struct runqueue *rehome(struct runqueue *rq, struct thread *t, int cpu)
{
	struct runqueue *to = &runqueues[cpu];

	if (to == rq)
		return rq;
	t->vruntime = t->vruntime > rq->min_vruntime ? t->vruntime - rq->min_vruntime : 0;
	t->cpu = cpu;
	spin_unlock(&rq->lock);
	spin_lock(&to->lock);
	t->vruntime += to->min_vruntime;
	return to;
}

/* The second half of a switch, on the new thread's stack: releases what schedule() took. */
void sched_finish_switch(void)
{
	struct runqueue *rq = this_rq();
	struct thread *dead = rq->dead, *leaving = rq->leaving;

	rq->dead = rq->leaving = NULL;
	if (leaving)
		activate(rehome(rq, leaving, choose_cpu(leaving)), leaving);
	else
		spin_unlock(&rq->lock);
	this_cpu()->irq_was_on = true;
	irq_enable();
	if (dead)
		thread_put(dead);
}

/* Where the thread that gives up the CPU goes. rq locked. */
static void put_away(struct runqueue *rq, struct thread *t)
{
	if (t->state != THREAD_RUNNING) {
		t->voluntary_switches++;
		t->on_queue = false;
		if (t->state == THREAD_DEAD)
			rq->dead = t;
		return;
	}
	t->involuntary_switches++;
	if (t == rq->idle)
		return;
	if ((t->cpu_mask & BIT(t->cpu)) &&
	    !(t->real_time && real_time_leaves(rq, t))) {
		queue_add(rq, t, !t->to_tail);
	} else {
		t->on_queue = false;
		rq->leaving = t;
	}
}

/* The first thread that waits at `from` (locked) and may run on this CPU moves here; unlocks. */
static bool move_here(struct runqueue *from, bool real_time_only)
{
	int me = cpu_id();
	struct thread *t, *found = NULL;
	struct runqueue *rq;

	list_for_each_entry(t, &from->real_time, real_time_link)
		if (!found && (t->cpu_mask & BIT(me)))
			found = t;
	for (struct rb_node *n = real_time_only ? NULL : rb_first(&from->tree); n && !found;
	     n = rb_next(n)) {
		t = rb_entry(n, struct thread, run_node);
		if (t->cpu_mask & BIT(me))
			found = t;
	}
	if (!found) {
		spin_unlock(&from->lock);
		return false;
	}
	queue_take(from, found);
	found->on_queue = false;
	rq = rehome(from, found, me);
	found->on_queue = true;
	queue_add(rq, found, false);
	spin_unlock(&rq->lock);
	return true;
}

/*
 * Before this CPU changes threads: a real-time thread that waits elsewhere comes here if it is more
 * important.
 */
static void fetch_real_time(struct runqueue *rq, const struct thread *running)
{
	struct runqueue *from = real_time_from(rq, running);

	if (from) {
		spin_lock(&from->lock);
		move_here(from, true);
	}
}

/*
 * prev yields: the first of the others goes before him, unless that one is far ahead of him. (prev
 * keeps his own place; to go behind all would leave him little beside threads that do not yield.)
 * rq locked. NULL: whoever comes first.
 */
static struct thread *pick_other(struct runqueue *rq, struct thread *prev)
{
	struct thread *other;

	prev->to_tail = prev->real_time;
	other = prev->real_time ? NULL : queue_pick(rq);
	if (other && !other->real_time && other->vruntime > prev->vruntime + GRANULARITY_NS) {
		queue_add(rq, other, true);
		other = NULL;
	}
	return other;
}

/*
 * Give up the CPU; `yield`: to another, if that is fair. Inlined, so that a stack names the
 * function that was called.
 */
static __always_inline void switch_away(bool yield)
{
	struct thread *prev = current, *next;
	struct runqueue *rq;

	if (irq_depth() != 0)
		panic("schedule: thread %s gives up the CPU with a spinlock held", prev->name);
	irq_disable();
	rq = this_rq();
	fetch_real_time(rq, prev);
	spin_lock(&rq->lock);
	account(rq, prev);
	atomic_fetch_and(&prev->work, ~WORK_RESCHED);
	next = yield ? pick_other(rq, prev) : NULL;
	put_away(rq, prev);
	if (!next)
		next = queue_pick(rq);
	if (!next)
		next = rq->idle;
	rq->running = next;
	rq->priority = next == rq->idle ? -1 : next->real_time;
	if (next != prev) {
		rq->switches++;
		next->run_start = prev->run_start;
		if (unlikely(sched_switch_hook))
			sched_switch_hook(prev, next);
		switch_state(prev, next);
		if (next != rq->idle)
			start_tick(rq);
		context_switch(&prev->ksp, next->ksp);
	}
	sched_finish_switch();
}

void schedule(void)
{
	switch_away(false);
}

void thread_yield(void)
{
	switch_away(true);
}

bool thread_wake(struct thread *t)
{
	struct runqueue *rq = lock_rq_of(t);

	if (t->state != THREAD_SLEEPING && t->state != THREAD_STOPPED) {
		spin_unlock(&rq->lock);
		return false;
	}
	WRITE_ONCE(t->state, THREAD_RUNNING);
	if (t->on_queue)
		spin_unlock(&rq->lock);
	else
		activate(rehome(rq, t, choose_cpu(t)), t);
	return true;
}

void thread_start(struct thread *t)
{
	struct runqueue *rq = lock_rq_of(t);

	t->vruntime = rq->min_vruntime;
	activate(rehome(rq, t, choose_cpu(t)), t);
}

void cond_resched(void)
{
	if (READ_ONCE(current->work) & WORK_RESCHED)
		schedule();
}

/*
 * Take a thread from the longest queue, if more than `enough` wait there; true if one could be
 * taken. An idle CPU takes any, a busy one does it at its tick to keep the queues even.
 */
static bool steal(unsigned enough)
{
	int me = cpu_id();
	struct runqueue *from = NULL;

	for (int i = 0; i < cpu_count; i++)
		if (i != me && queue_length(&runqueues[i]) > (from ? queue_length(from) : enough))
			from = &runqueues[i];
	if (!from)
		return false;
	spin_lock(&from->lock);
	return move_here(from, false);
}

/* Somebody waits here: a CPU that went idle before it could know comes and takes him. */
static void call_idle_cpu(void)
{
	for (int i = 0; i < cpu_count; i++)
		if (cpu_is_idle(i)) {
			smp_reschedule(i);
			break;
		}
}

/*
 * From the timer interrupt: charge the tick to user or system time, end the slice if somebody waits
 * longer.
 */
void sched_tick(bool user)
{
	struct runqueue *rq = this_rq();
	struct thread *t, *first;
	bool tick = false;

	spin_lock(&rq->lock);
	t = rq->running;
	if (t != rq->idle && clock_monotonic() >= rq->tick_at) {
		tick = true;
		rq->tick_at = clock_monotonic() + TICK_NS;
		t->in_system = !user;
		if (user)
			t->user_ticks++;
		else
			t->system_ticks++;
		account(rq, t);
		first = rq->count ? rb_entry(rb_first(&rq->tree), struct thread, run_node) : NULL;
		if ((!t->real_time && first && first->vruntime < t->vruntime) ||
		    real_time_tick(rq, t) || real_time_from(rq, t) || !(t->cpu_mask & BIT(t->cpu)))
			atomic_fetch_or(&t->work, WORK_RESCHED);
		if (queue_length(rq))
			call_idle_cpu();
	}
	spin_unlock(&rq->lock);
	if (tick)
		steal(queue_length(rq) + 1);
}

u64 sched_next_tick(void)
{
	struct runqueue *rq = this_rq();

	return rq->running && rq->running != rq->idle ? rq->tick_at : WAIT_FOREVER;
}

/* What a CPU does when nobody wants it. */
static void __noreturn idle_loop(void)
{
	struct runqueue *rq = this_rq();

	for (;;) {
		if (queue_length(rq) || (cpu_count > 1 && steal(0)))
			schedule();
		cli();
		if (!queue_length(rq))
			sti_hlt();
		sti();
	}
}

/* The calling context (a CPU's boot stack) becomes that CPU's idle thread. */
void sched_init_cpu(struct thread *idle)
{
	struct cpu *c = this_cpu();
	struct runqueue *rq = &runqueues[c->id];

	spin_init(&rq->lock, "run queue", RANK_RUN_QUEUE);
	rq->tree = RB_ROOT;
	list_init(&rq->real_time);
	rq->priority = -1;
	rq->idle = rq->running = idle;
	idle->cpu = c->id;
	idle->on_queue = true;
	idle->run_start = clock_monotonic();
	c->thread = idle;
	c->kernel_stack = (u64)idle->stack + KERNEL_STACK_SIZE;
	c->tss.rsp[0] = c->kernel_stack;
}

void sched_idle(void)
{
	this_cpu()->online = true;
	sti();
	idle_loop();
}

int thread_set_affinity(struct thread *t, u64 mask)
{
	struct runqueue *rq;

	mask &= BIT(cpu_count) - 1;
	if (!mask)
		return -EINVAL;
	rq = lock_rq_of(t);
	t->cpu_mask = mask;
	if ((mask & BIT(t->cpu)) || !t->on_queue) {
		spin_unlock(&rq->lock);
	} else if (t != rq->running) {
		queue_take(rq, t);
		t->on_queue = false;
		activate(rehome(rq, t, choose_cpu(t)), t);
	} else {
		/* A running thread moves by giving up its CPU. */
		spin_unlock(&rq->lock);
		if (t == current)
			schedule();
		else
			thread_set_work(t, WORK_RESCHED);
	}
	return 0;
}

void thread_set_policy(struct thread *t, int policy, int priority, bool reset_on_fork)
{
	struct runqueue *rq = lock_rq_of(t);
	bool running = t == rq->running, waits = t->on_queue && !running;

	if (waits)
		queue_take(rq, t);
	t->policy = policy;
	t->real_time = priority;
	t->reset_on_fork = reset_on_fork;
	t->slice_ns = 0;
	if (running)
		rq->priority = priority;
	if (waits)
		activate(rq, t);
	else
		spin_unlock(&rq->lock);
	/* Somebody else may be more important now. */
	if (running)
		thread_set_work(t, WORK_RESCHED);
}

/* Raise *most to value, if that is more: what it is then. */
static u64 raise(u64 *most, u64 value)
{
	u64 old = READ_ONCE(*most);

	while (old < value && !atomic_cmpxchg(most, old, value))
		old = READ_ONCE(*most);
	return MAX(old, value);
}

void thread_times(struct thread *t, u64 *user_ns, u64 *system_ns)
{
	u64 total = READ_ONCE(t->run_ns), user, told_system = READ_ONCE(t->told_system);
	u64 sample = READ_ONCE(t->user_ticks), samples = sample + READ_ONCE(t->system_ticks);

	if (t == current)
		total += clock_monotonic() - t->run_start;
	user = samples ? total / samples * sample + total % samples * sample / samples : total;
	/* The next sample may divide all of the time anew, but not what has been told. */
	user = MIN(user, total > told_system ? total - told_system : 0);
	*user_ns = raise(&t->told_user, user);
	*system_ns = raise(&t->told_system, total > *user_ns ? total - *user_ns : 0);
}

unsigned sched_runnable(void)
{
	unsigned n = 0;

	for (int i = 0; i < cpu_count; i++)
		n += queue_length(&runqueues[i]) + (runqueues[i].running != runqueues[i].idle);
	return n;
}

u64 sched_switches(void)
{
	u64 n = 0;

	for (int i = 0; i < cpu_count; i++)
		n += runqueues[i].switches;
	return n;
}

void sched_cpu_times(int cpu, struct cpu_times *times)
{
	struct runqueue *rq = &runqueues[cpu];

	spin_lock(&rq->lock);
	*times = rq->times;
	if (rq->running == rq->idle)
		times->idle += clock_monotonic() - rq->idle->run_start;
	spin_unlock(&rq->lock);
}
