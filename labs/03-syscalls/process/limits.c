/*
 * Resource limits (getrlimit(2)): a soft and a hard value per resource, inherited by fork. Who
 * enforces one asks rlimit(); those that concern memory are copied into the address space, where
 * page faults look.
 *
 * They are per process and kept over exec. The soft value is what counts; anybody may move it up to
 * the hard one and lower the hard one for good, raising which takes CAP_SYS_RESOURCE.
 *
 * The copies: lab 02, where areas are made, knows nothing of limits, and the memory of another
 * process (prlimit(2)) must learn of a new one as well. They are single words, changed without
 * mm->lock: a mapping that is just being made goes by the old limit or by the new one.
 */
#include "03-syscalls/process/limits.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "01-memory/kmem.h"
#include "02-usermode/mm.h"
#include "02-usermode/uaccess.h"

#define MIB		(1UL << 20)
#define NR_OPEN		1048576UL

/* What init starts with: Linux's INIT_RLIMITS. */
static const struct rlimit init_limits[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_FSIZE] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_DATA] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_STACK] = { 8 * MIB, RLIM_INFINITY },
	[RLIMIT_CORE] = { 0, RLIM_INFINITY },
	[RLIMIT_RSS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_NPROC] = { PID_MAX / 2, PID_MAX / 2 },
	[RLIMIT_NOFILE] = { 1024, 4096 },
	[RLIMIT_MEMLOCK] = { 8 * MIB, 8 * MIB },
	[RLIMIT_AS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_LOCKS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_SIGPENDING] = { PID_MAX / 2, PID_MAX / 2 },
	[RLIMIT_MSGQUEUE] = { 819200, 819200 },
	[RLIMIT_NICE] = { 0, 0 },
	[RLIMIT_RTPRIO] = { 0, 0 },
	[RLIMIT_RTTIME] = { RLIM_INFINITY, RLIM_INFINITY },
};

struct limits {
	struct spinlock lock;		/* RANK_LEAF: a pair changes as one */
	struct rlimit r[RLIM_NLIMITS];
};

static struct part limits_part;
void (*cpu_limit_changed)(struct process *p);

/* One word, read without the lock; kernel threads know no limits. */
u64 rlimit(int resource)
{
	const struct limits *l = process_part(current_process(), limits_part, struct limits);

	return l ? READ_ONCE(l->r[resource].rlim_cur) : RLIM_INFINITY;
}

static struct rlimit get_limit(struct process *p, int resource)
{
	struct limits *l = process_part(p, limits_part, struct limits);
	struct rlimit r;

	if (!l)
		return init_limits[resource];
	spin_lock(&l->lock);
	r = l->r[resource];
	spin_unlock(&l->lock);
	return r;
}

u64 process_rlimit(struct process *p, int resource, u64 *hard)
{
	struct rlimit r = get_limit(p, resource);

	if (hard)
		*hard = r.rlim_max;
	return r.rlim_cur;
}

void limits_set_soft(struct process *p, int resource, u64 value)
{
	struct limits *l = process_part(p, limits_part, struct limits);

	spin_lock(&l->lock);
	l->r[resource].rlim_cur = value;
	spin_unlock(&l->lock);
}

void limits_apply(struct process *p, struct mm *mm)
{
	mm->limit_as = get_limit(p, RLIMIT_AS).rlim_cur;
	mm->limit_data = get_limit(p, RLIMIT_DATA).rlim_cur;
	mm->limit_stack = get_limit(p, RLIMIT_STACK).rlim_cur;
	mm->limit_memlock = get_limit(p, RLIMIT_MEMLOCK).rlim_cur;
}

/*
 * Set one limit; raising the hard one takes a capability. The old one goes to *old. What is already
 * used is not taken away: a limit below it only stops what comes. Descriptors have a limit beyond
 * all limits (fs.nr_open), as a table of that size costs memory of the kernel.
 */
static int set_limit(struct process *p, int resource, const struct rlimit *new, struct rlimit *old)
{
	struct limits *l = process_part(p, limits_part, struct limits);
	bool may_raise = capable(CAP_SYS_RESOURCE);
	int error = 0;
	struct mm *mm;

	if (new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE && new->rlim_max > NR_OPEN)
		return -EPERM;
	spin_lock(&l->lock);
	*old = l->r[resource];
	if (new->rlim_max > old->rlim_max && !may_raise)
		error = -EPERM;
	else
		l->r[resource] = *new;
	spin_unlock(&l->lock);
	mm = error ? NULL : process_mm(p);
	if (mm) {
		limits_apply(p, mm);
		mm_put(mm);
	}
	if (!error && resource == RLIMIT_CPU && cpu_limit_changed)
		cpu_limit_changed(p);
	return error;
}

/*
 * The first process has no parent with limits, and its mm none yet. All others get theirs with a
 * copy of the mm (fork_mm.c), or from exec.
 */
static int limits_clone(struct thread *child, struct clone *c)
{
	const struct limits *parent = process_part(current_process(), limits_part, struct limits);
	struct limits *l = kmalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	spin_init(&l->lock, "limits", RANK_LEAF);
	for (int i = 0; i < RLIM_NLIMITS; i++)
		l->r[i] = get_limit(current_process(), i);
	child->process->parts[limits_part.slot] = l;
	if (!parent)
		limits_apply(child->process, child->mm);
	return 0;
}

static void limits_free(struct process *p)
{
	kfree(p->parts[limits_part.slot]);
	p->parts[limits_part.slot] = NULL;
}

static struct part limits_part = {
	.name = "limits",
	.scope = PART_PROCESS,
	.clone = limits_clone,
	.free = limits_free,
};
PART(21, limits_part);

SYSCALL2(97, getrlimit, unsigned, resource, struct rlimit __user *, user)
{
	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	return put_user(get_limit(current_process(), resource), user);
}

SYSCALL2(160, setrlimit, unsigned, resource, const struct rlimit __user *, user)
{
	struct rlimit new, old;

	if (get_user(new, user))
		return -EFAULT;
	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	return set_limit(current_process(), resource, &new, &old);
}

/*
 * May the caller see and set p's limits? Same user in every respect, or a capability. All of p's
 * user and group numbers must be the caller's real ones (prlimit(2)): a set-user-id program is not
 * for its caller to limit while it runs.
 */
static bool same_user(struct process *p)
{
	const struct cred *me = current_cred(), *c;
	struct thread *t = thread_find(p->id);
	bool ok;

	if (!t)
		return false;
	c = thread_cred(t);
	ok = (me->uid == c->uid && me->uid == c->euid && me->uid == c->suid &&
	      me->gid == c->gid && me->gid == c->egid && me->gid == c->sgid) ||
	     capable(CAP_SYS_RESOURCE);
	cred_put(c);
	thread_put(t);
	return ok;
}

/* The process, with a reference, or -ESRCH, -EPERM. */
static struct process *limits_target(int pid)
{
	struct process *p;

	if (pid == 0)
		p = current_process();
	else
		p = process_find_any(pid);
	if (!p)
		return ERR_PTR(-ESRCH);
	if (pid == 0)
		process_get(p);
	if (p != current_process() && !same_user(p)) {
		process_put(p);
		return ERR_PTR(-EPERM);
	}
	return p;
}

SYSCALL4(302, prlimit64, int, pid, unsigned, resource, const struct rlimit __user *, new_user,
	 struct rlimit __user *, old_user)
{
	struct rlimit new, old;
	struct process *p;
	int error = 0;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (new_user && get_user(new, new_user))
		return -EFAULT;
	p = limits_target(pid);
	if (IS_ERR(p))
		return PTR_ERR(p);
	if (new_user)
		error = set_limit(p, resource, &new, &old);
	else
		old = get_limit(p, resource);
	process_put(p);
	if (!error && old_user)
		error = put_user(old, old_user);
	return error;
}
