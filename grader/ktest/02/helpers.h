/*
 * For the tests of lab 02: helper threads and processes that are waited for with a time limit, so
 * that what hangs fails.
 */
#pragma once

#include "common/abi/sched.h"
#include "common/ktest.h"
#include "02-usermode/process.h"
#include "02-usermode/timer.h"

#define MS		NSEC_PER_MSEC
#define PATIENCE	(20 * NSEC_PER_SEC)

static inline void sleep_ms(unsigned ms)
{
	sleep_until(clock_monotonic() + ms * MS, WAIT_UNINTERRUPTIBLE);
}

/* Wait until cond holds; its value in the end. */
#define eventually(cond) ({							\
	u64 limit_ = clock_monotonic() + PATIENCE;				\
	bool holds_;								\
	while (!(holds_ = (cond)) && clock_monotonic() < limit_)		\
		sleep_ms(1);							\
	holds_; })

/* A process whose only thread calls fn(arg) and then goes to user mode; with a reference, or NULL.
 */
static inline struct process *process_begin(const char *name, void (*fn)(void *arg), void *arg)
{
	struct thread *t = process_create(name);
	struct process *p;

	if (IS_ERR(t))
		return NULL;
	p = t->process;
	process_get(p);
	thread_begin(t, fn, arg);
	return p;
}

/* The wait status of p, -1 if it does not end in time. Drops the reference. */
static inline int process_result(struct process *p)
{
	int status = eventually(READ_ONCE(p->state) != PROCESS_ALIVE) ? p->exit_status : -1;

	process_put(p);
	return status;
}

/*
 * One more thread of the current process, not started. frame: its user registers, or NULL. (From
 * lab 06 on threads must share their signal handlers, which no part knows before.)
 */
static inline struct thread *clone_here(const struct trapframe *frame)
{
	struct clone c = { .flags = CLONE_VM | CLONE_THREAD, .frame = frame };
	struct thread *t = process_clone(&c);

	if (!IS_ERR(t) || PTR_ERR(t) != -EINVAL)
		return t;
	c.flags |= CLONE_SIGHAND;
	return process_clone(&c);
}

/* Call fn in a process of its own, where user memory can be; its assertions count. */
static inline void in_process(void (*fn)(void *arg), void *arg)
{
	struct process *p = process_begin("ktest", fn, arg);

	KTEST_ASSERT(p);
	KTEST_EQ(process_result(p), 0);
}
