/*
 * Calls about scheduling (sched(7)): who may ask for which policy, priority and nice value. What
 * they mean is the scheduler's business (docs/scheduling.md). There is no SCHED_DEADLINE.
 * Priorities of disk requests are kept, and follow the nice value unless set.
 *
 * Everything here is per thread, though POSIX says process: a number names one thread, 0 the caller
 * (sched(7), nptl(7)).
 *
 * Three scales are at work. The nice value goes from -20 (gets most) to 19. getpriority(2) gives 20
 * - nice, from 40 to 1, as a system call's negative results are errnos. RLIMIT_NICE is on that
 * scale too: a thread may go as low as nice 20 - limit. Real-time priorities go from 1 to 99, the
 * higher the sooner, and the nice value is kept beside them without effect.
 *
 * The common rule: the same user may make things worse for a thread; better takes a resource limit
 * that allows it, or CAP_SYS_NICE.
 */
#include "common/abi/ioprio.h"
#include "common/abi/resource.h"
#include "common/abi/sched.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "03-syscalls/syscall.h"
#include "common/string.h"
#include "02-usermode/real_time.h"
#include "02-usermode/uaccess.h"

/* What sched_rr_get_interval(2) tells of threads that are not real-time ones. */
#define SLICE_NS	(4 * NSEC_PER_MSEC)

SYSCALL0(24, sched_yield)
{
	thread_yield();
	return 0;
}

SYSCALL3(309, getcpu, unsigned __user *, cpu, unsigned __user *, node, void __user *, unused)
{
	/* True when it is read; the thread may be moved before it is back in user mode. */
	unsigned id = cpu_id();

	return (cpu && put_user(id, cpu)) || (node && put_user(0, node)) ? -EFAULT : 0;
}

/*
 * The thread with that number (0: the current one), with a reference, or an error. It may end
 * meanwhile: then what is set has no effect.
 */
static struct thread *target(int pid)
{
	struct thread *t;

	if (pid < 0)
		return ERR_PTR(-EINVAL);
	if (pid == 0) {
		thread_get(current);
		return current;
	}
	t = thread_find(pid);
	return t ? t : ERR_PTR(-ESRCH);
}

/*
 * May the caller change t's scheduling? The caller's effective user against t's real or effective
 * one.
 */
static bool may_change(struct thread *t)
{
	const struct cred *c = thread_cred(t), *me = current_cred();
	bool ok = me->euid == c->uid || me->euid == c->euid || capable(CAP_SYS_NICE);

	cred_put(c);
	return ok;
}

SYSCALL3(203, sched_setaffinity, int, pid, unsigned, size, const void __user *, user)
{
	struct thread *t;
	u64 mask = 0;
	int error;

	/* A shorter mask means no CPU beyond it, a longer one CPUs that are not there. */
	if (copy_from_user(&mask, user, MIN(size, (unsigned)sizeof(mask))))
		return -EFAULT;
	t = target(pid);
	if (IS_ERR(t))
		return pid < 0 ? -ESRCH : PTR_ERR(t);
	error = may_change(t) ? thread_set_affinity(t, mask) : -EPERM;
	thread_put(t);
	return error;
}

SYSCALL3(204, sched_getaffinity, int, pid, unsigned, size, void __user *, user)
{
	struct thread *t;
	u64 mask;

	/*
	 * The C library passes 128 bytes and clears what is beyond the 8 that the result says were
	 * written.
	 */
	if (size < sizeof(mask) || size % sizeof(mask))
		return -EINVAL;
	t = target(pid);
	if (IS_ERR(t))
		return pid < 0 ? -ESRCH : PTR_ERR(t);
	mask = t->cpu_mask & (BIT(cpu_count) - 1);
	thread_put(t);
	return copy_to_user(user, &mask, sizeof(mask)) ? -EFAULT : (long)sizeof(mask);
}

static bool is_real_time(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/*
 * Do this policy and this priority exist, and together? Priority 0 is that of all that are not
 * real-time.
 */
static bool policy_exists(int policy, unsigned priority)
{
	if (is_real_time(policy))
		return priority >= 1 && priority <= MAX_REAL_TIME;
	if (policy != SCHED_OTHER && policy != SCHED_BATCH && policy != SCHED_IDLE)
		return false;
	return !priority;
}

/* May t have this nice value? Its own process's limit says so, whoever asks. */
static bool may_be_nice(struct thread *t, int nice)
{
	return capable(CAP_SYS_NICE) ||
	       (u64)(20 - nice) <= process_rlimit(t->process, RLIMIT_NICE, NULL);
}

/*
 * May the caller, who has no CAP_SYS_NICE, do this to t? (sched(7), "Privileges and resource
 * limits".) Leaving SCHED_IDLE is a rise like any other; reset-on-fork, once set, is there to stay:
 * it keeps a real-time program from making real-time children.
 */
static bool may_set_policy(struct thread *t, int policy, unsigned priority, bool reset)
{
	u64 limit = process_rlimit(t->process, RLIMIT_RTPRIO, NULL);

	if (is_real_time(policy) && ((policy != t->policy && !limit) ||
				     (priority > t->real_time && priority > limit)))
		return false;
	if (t->policy == SCHED_IDLE && policy != SCHED_IDLE && !may_be_nice(t, t->nice))
		return false;
	return may_change(t) && (reset || !t->reset_on_fork);
}

/* policy < 0: as it is. Else SCHED_RESET_ON_FORK may be or'ed to it. */
static int set_policy(struct thread *t, int policy, unsigned priority)
{
	bool reset = policy < 0 ? t->reset_on_fork : policy & SCHED_RESET_ON_FORK;

	policy = policy < 0 ? t->policy : policy & ~SCHED_RESET_ON_FORK;
	if (!policy_exists(policy, priority))
		return -EINVAL;
	if (!capable(CAP_SYS_NICE) && !may_set_policy(t, policy, priority, reset))
		return -EPERM;
	thread_set_policy(t, policy, priority, reset);
	return 0;
}

static long set_scheduler(int pid, int policy, const struct sched_param __user *user)
{
	struct sched_param p;
	struct thread *t;
	int error;

	if (!user || pid < 0)
		return -EINVAL;
	if (get_user(p, user))
		return -EFAULT;
	t = target(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	error = set_policy(t, policy, p.sched_priority);
	thread_put(t);
	return error;
}

SYSCALL2(142, sched_setparam, int, pid, const struct sched_param __user *, user)
{
	return set_scheduler(pid, -1, user);
}

SYSCALL3(144, sched_setscheduler, int, pid, int, policy, const struct sched_param __user *, user)
{
	return policy < 0 ? -EINVAL : set_scheduler(pid, policy, user);
}

SYSCALL2(143, sched_getparam, int, pid, struct sched_param __user *, user)
{
	struct sched_param p;
	struct thread *t;

	if (!user)
		return -EINVAL;
	t = target(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	p.sched_priority = t->real_time;
	thread_put(t);
	return put_user(p, user);
}

SYSCALL1(145, sched_getscheduler, int, pid)
{
	struct thread *t = target(pid);
	int policy;

	if (IS_ERR(t))
		return PTR_ERR(t);
	policy = t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	thread_put(t);
	return policy;
}

/* SCHED_DEADLINE has a range like the others although no thread can have it. */
static long priority_bound(int policy, int real_time)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return real_time;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	}
	return -EINVAL;
}

SYSCALL1(146, sched_get_priority_max, int, policy)
{
	return priority_bound(policy, MAX_REAL_TIME);
}

SYSCALL1(147, sched_get_priority_min, int, policy)
{
	return priority_bound(policy, 1);
}

/* 0 for SCHED_FIFO: it runs until it gives way (sched_rr_get_interval(2)). */
SYSCALL2(148, sched_rr_get_interval, int, pid, struct timespec __user *, user)
{
	struct timespec slice = { 0, SLICE_NS };
	struct thread *t = target(pid);

	if (IS_ERR(t))
		return PTR_ERR(t);
	if (is_real_time(t->policy))
		slice.tv_nsec = t->policy == SCHED_RR ? SLICE_RR_NS : 0;
	thread_put(t);
	return put_user(slice, user);
}

/*
 * A value out of range is cut to it, no error (setpriority(2)). EPERM: not the caller's; EACCES: it
 * is, but may not rise.
 */
static long set_nice(struct thread *t, int nice)
{
	nice = MAX(MIN(nice, 19), -20);
	if (!may_change(t))
		return -EPERM;
	if (nice < t->nice && !may_be_nice(t, nice))
		return -EACCES;
	t->nice = nice;
	return 0;
}

/* Policy and, for those that have one, nice value; both or neither. */
static int set_attr(struct thread *t, const struct sched_attr *a)
{
	bool real_time = is_real_time(a->sched_policy & ~SCHED_RESET_ON_FORK);
	int nice = MAX(MIN(a->sched_nice, 19), -20), error;

	if (!real_time && nice < t->nice && !may_be_nice(t, nice))
		return -EPERM;
	error = set_policy(t, a->sched_policy, a->sched_priority);
	if (!error && !real_time)
		t->nice = nice;
	return error;
}

SYSCALL3(314, sched_setattr, int, pid, struct sched_attr __user *, user, unsigned, flags)
{
	struct sched_attr a = { 0 };
	struct thread *t;
	u32 size;
	long error;

	if (!user || pid < 0 || flags)
		return -EINVAL;
	if (get_user(size, &user->size))
		return -EFAULT;
	/* An old program that did not know its own size. */
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_user(&a, user, MIN(size, (u32)sizeof(a))))
		return -EFAULT;
	if ((int)a.sched_policy < 0 || a.sched_flags & ~(u64)SCHED_FLAG_RESET_ON_FORK)
		return -EINVAL;
	if (a.sched_flags & SCHED_FLAG_RESET_ON_FORK)
		a.sched_policy |= SCHED_RESET_ON_FORK;
	t = target(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	error = set_attr(t, &a);
	thread_put(t);
	return error;
}

SYSCALL4(315, sched_getattr, int, pid, struct sched_attr __user *, user, unsigned, size,
	 unsigned, flags)
{
	struct sched_attr a = { .size = sizeof(a) };
	struct thread *t;

	if (!user || pid < 0 || size > PAGE_SIZE || size < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	t = target(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	a.sched_policy = t->policy;
	a.sched_flags = t->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0;
	a.sched_priority = t->real_time;
	a.sched_nice = t->real_time ? 0 : t->nice;
	a.size = MIN(size, (unsigned)sizeof(a));
	thread_put(t);
	return copy_to_user(user, &a, a.size) ? -EFAULT : 0;
}

/*
 * getpriority(2), setpriority(2), ioprio_get(2) and ioprio_set(2): visit every process that `which`
 * and `who` name. The visitor gets each of their threads, with a reference and without locks, as it
 * may ask for credentials; so threads are collected under p->lock, 64 at a time, and visited after
 * it. Threads that come or go meanwhile may be missed, as on Linux.
 */
struct priority {
	int which, who;
	int nice;		/* the value to set; or the lowest found */
	int found;
	long error;
	struct thread *threads[64];	/* some of a process, visited once its lock is released */
	int count, skip;		/* so many; so many before them have been visited */
};

/* Under p->lock: only takes references. */
static void collect(struct thread *t, void *arg)
{
	struct priority *p = arg;

	if (p->skip) {
		p->skip--;
	} else if (p->count < ARRAY_SIZE(p->threads)) {
		thread_get(t);
		p->threads[p->count++] = t;
	}
}

/* Its group's number; none of the process's locks held. */
static int process_group_of(struct process *p)
{
	int nr;

	spin_lock(&tree_lock);
	nr = process_group_id(p);
	spin_unlock(&tree_lock);
	return nr;
}

/* Whose process it is, its leader's real user says. */
static bool process_fits(struct process *p, const struct priority *q)
{
	const struct cred *c;
	struct thread *t;
	bool fits;

	if (q->which == PRIO_PGRP)
		return process_group_of(p) == q->who;
	t = thread_find(p->id);
	if (!t)
		return false;
	c = thread_cred(t);
	fits = c->uid == (u32)q->who;
	cred_put(c);
	thread_put(t);
	return fits;
}

/* Apply fn to the threads of one process. */
static void visit_process(struct process *p, struct priority *q,
			  void (*fn)(struct thread *t, struct priority *q))
{
	int visited = 0;

	do {
		q->skip = visited;
		q->count = 0;
		process_for_each_thread(p, collect, q);
		for (int i = 0; i < q->count; i++) {
			fn(q->threads[i], q);
			thread_put(q->threads[i]);
		}
		visited += q->count;
	} while (q->count == ARRAY_SIZE(q->threads));
}

/*
 * process_next() finds the next number whatever has gone meanwhile, so no lock is held over the
 * walk.
 */
static void visit(struct priority *q, void (*fn)(struct thread *t, struct priority *q))
{
	struct process *p;

	if (q->which == PRIO_PROCESS) {
		struct thread *t = target(q->who);

		if (!IS_ERR(t)) {
			fn(t, q);
			thread_put(t);
		}
		return;
	}
	for (int nr = 1; (p = process_next(nr)); nr = p->id + 1, process_put(p))
		if (process_fits(p, q))
			visit_process(p, q, fn);
}

/* Of several, the lowest nice value is the answer (getpriority(2)). */
static void read_nice(struct thread *t, struct priority *q)
{
	if (!q->found++ || t->nice < q->nice)
		q->nice = t->nice;
}

/* One refusal does not stop the others; the last error is the call's result. */
static void write_nice(struct thread *t, struct priority *q)
{
	long error = set_nice(t, q->nice);

	q->found++;
	if (error)
		q->error = error;
}

/* who 0 means the caller's own. False: there is no such kind. */
static bool start_priority(struct priority *q, int which, int who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return false;
	if (!who && which == PRIO_USER)
		who = current_cred()->uid;
	if (!who && which == PRIO_PGRP)
		who = process_group_of(current_process());
	*q = (struct priority){ .which = which, .who = who };
	return true;
}

SYSCALL2(140, getpriority, int, which, int, who)
{
	struct priority q;

	if (!start_priority(&q, which, who))
		return -EINVAL;
	visit(&q, read_nice);
	return q.found ? 20 - q.nice : -ESRCH;
}

SYSCALL3(141, setpriority, int, which, int, who, int, nice)
{
	struct priority q;

	if (!start_priority(&q, which, who))
		return -EINVAL;
	q.nice = nice;
	visit(&q, write_nice);
	return q.found ? q.error : -ESRCH;
}

/* ---- priorities of disk requests ---- */

/*
 * They are kept and inherited, and that is all: requests go to the disk in the order in which they
 * come, as on Linux without an I/O scheduler, which is its default for virtual disks.
 */
static int io_priority_clone(struct thread *child, struct clone *c);

static struct part io_priority_part = {
	.name = "I/O priority",
	.scope = PART_THREAD,
	.clone = io_priority_clone,
};
PART(24, io_priority_part);

static int io_priority_clone(struct thread *child, struct clone *c)
{
	child->parts[io_priority_part.slot] = current->parts[io_priority_part.slot];
	return 0;
}

/* What was set; or, with `effective`, what follows from the nice value if nothing was. */
static int io_priority(struct thread *t, bool effective)
{
	int priority = (int)(u64)READ_ONCE(t->parts[io_priority_part.slot]);

	if (!effective || priority >> IOPRIO_CLASS_SHIFT != IOPRIO_CLASS_NONE)
		return priority;
	return IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | (t->nice + 20) / 5;
}

/*
 * For one thread what was set, for several the highest priority that results (ioprio_set(2)); a
 * lower number is a higher priority.
 */
static void read_io_priority(struct thread *t, struct priority *q)
{
	int priority = io_priority(t, q->which != PRIO_PROCESS);

	if (!q->found++ || priority < q->nice)
		q->nice = priority;
}

static void write_io_priority(struct thread *t, struct priority *q)
{
	const struct cred *c = thread_cred(t), *me = current_cred();
	bool mine = c->uid == me->uid || c->uid == me->euid;

	cred_put(c);
	q->found++;
	if (mine || capable(CAP_SYS_NICE))
		WRITE_ONCE(t->parts[io_priority_part.slot], (void *)(u64)q->nice);
	else
		q->error = -EPERM;
}

/*
 * 0, -EINVAL, -EPERM. Class and level in one number (ioprio_set(2)); the real-time class can starve
 * others.
 */
static int check_io_priority(int priority)
{
	int level = priority & (BIT(IOPRIO_CLASS_SHIFT) - 1);

	switch (priority >> IOPRIO_CLASS_SHIFT) {
	case IOPRIO_CLASS_NONE:
		return level ? -EINVAL : 0;
	case IOPRIO_CLASS_RT:
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		return level < IOPRIO_LEVELS ? 0 : -EINVAL;
	case IOPRIO_CLASS_BE:
		return level < IOPRIO_LEVELS ? 0 : -EINVAL;
	case IOPRIO_CLASS_IDLE:
		return 0;
	}
	return -EINVAL;
}

SYSCALL3(251, ioprio_set, int, which, int, who, int, priority)
{
	int error = check_io_priority(priority);
	struct priority q;

	if (error)
		return error;
	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	start_priority(&q, which - IOPRIO_WHO_PROCESS + PRIO_PROCESS, who);
	q.nice = priority;
	visit(&q, write_io_priority);
	return q.found ? q.error : -ESRCH;
}

SYSCALL2(252, ioprio_get, int, which, int, who)
{
	struct priority q;

	if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER)
		return -EINVAL;
	start_priority(&q, which - IOPRIO_WHO_PROCESS + PRIO_PROCESS, who);
	visit(&q, read_io_priority);
	return q.found ? q.nice : -ESRCH;
}
