/*
 * Birth and death of processes (contract in process.h).
 *
 * A process lives as long as it has threads; then it is a zombie, which keeps its
 * number and its exit status, until process_release(). The struct stays as long as
 * anybody holds a reference: the number table holds one until release, each thread one.
 *
 * Killing goes the long way round. A thread cannot be stopped from outside, for it may hold locks
 * or be in the middle of a change: it is marked (WORK_KILL), woken if its wait allows that, and
 * ends by itself on its way back to user mode. The last thread to leave takes down what the
 * process had. exec uses the same for the siblings of the thread that calls it.
 *
 * p->lock is a spinlock and is held for list and count only; what may sleep comes after it.
 */
#include "common/panic.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/x86.h"
#include "common/abi/sched.h"
#include "01-memory/kmem.h"
#include "02-usermode/fpu.h"
#include "02-usermode/mm.h"
#include "02-usermode/parts.h"
#include "02-usermode/process.h"
#include "02-usermode/sched.h"
#include "02-usermode/timer.h"

/* What process_clone() does itself; all other flags belong to parts. */
#define CORE_FLAGS	(CLONE_VM | CLONE_THREAD | CLONE_SETTLS)

struct process *kernel_process;
struct process *init_process;

static struct kmem_cache *process_cache;

static struct process *process_alloc(const char *name)
{
	struct process *p;

	if (!process_cache)
		process_cache = kmem_cache_create("process", sizeof(struct process), 64, NULL);
	p = process_cache ? kmem_cache_alloc(process_cache, GFP_KERNEL | GFP_ZERO) : NULL;
	if (!p)
		return NULL;
	ref_init(&p->refs, 1);
	spin_init(&p->lock, "process", RANK_PROCESS);
	mutex_init(&p->exec_lock, "exec", RANK_EXEC);
	list_init(&p->threads);
	wait_queue_init(&p->threads_gone);
	p->start_time = clock_monotonic();
	p->reaped_by_itself = true;
	strlcpy(p->name, name, sizeof(p->name));
	return p;
}

void process_get(struct process *p)
{
	ref_get(&p->refs);
}

void process_put(struct process *p)
{
	if (!ref_put(&p->refs))
		return;
	parts_free(p);
	if (p->mm)
		mm_put(p->mm);
	if (p->pid)
		pid_put(p->pid);
	kmem_cache_free(process_cache, p);
}

void process_init(void)
{
	kernel_process = process_alloc("kernel");
	if (!kernel_process)
		panic("process: no memory for the first process");
}

struct mm *process_mm(struct process *p)
{
	struct mm *mm;

	spin_lock(&p->lock);
	mm = p->mm;
	if (mm)
		mm_get(mm);
	spin_unlock(&p->lock);
	return mm;
}

/* ---- clone ---- */

/* The child's address space: shared, copied, or (the first process) new. */
static struct mm *clone_mm(const struct clone *c)
{
	struct mm *mm;

	if (!current->mm) {
		mm = mm_create();
		return mm ? mm : ERR_PTR(-ENOMEM);
	}
	if (!(c->flags & CLONE_VM))
		return mm_clone(current->mm);
	mm_get(current->mm);
	return current->mm;
}

static struct process *new_process(const struct clone *c, const char *name)
{
	struct process *p = process_alloc(name);
	struct mm *mm;

	if (!p)
		return ERR_PTR(-ENOMEM);
	mm = clone_mm(c);
	if (IS_ERR(mm)) {
		process_put(p);
		return (void *)mm;
	}
	p->mm = mm;
	return p;
}

/* fork returns 0 in the child: that is all that tells the two apart. */
static void copy_registers(struct thread *child, const struct clone *c)
{
	if (c->frame) {
		*child->frame = *c->frame;
		child->frame->rax = 0;
		if (c->stack)
			child->frame->rsp = c->stack;
	}
	fpu_clone(child);
	if (current->fpu) {
		child->fs_base = rdmsr(MSR_FS_BASE);
		child->gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
	if (c->flags & CLONE_SETTLS)
		child->fs_base = c->tls;
}

/*
 * Make t one of p's threads, unless p is dying: 0 or -EAGAIN. Under the same lock as
 * kill_others(), so that no thread is born that the killer has not seen.
 */
static int add_thread(struct process *p, struct thread *t)
{
	int error = 0;

	spin_lock(&p->lock);
	if (p->exiting || (p->sole && p->sole != t)) {
		error = -EAGAIN;
	} else {
		list_add_tail(&t->process_link, &p->threads);
		p->thread_count++;
	}
	spin_unlock(&p->lock);
	return error;
}

/* Finish a new process: from here on it can be found. */
static void publish_process(struct process *p, struct thread *leader)
{
	p->pid = leader->pid;
	pid_get(p->pid);
	p->id = p->pid->nr;
	process_get(p);			/* the number table's reference */
	pid_attach_process(p->pid, p);
}

/* The new thread's policy, priority and nice value: its creator's, or the usual ones. */
static void inherit_policy(struct thread *t)
{
	bool reset = current->reset_on_fork;

	if (!reset || !current->real_time) {
		t->policy = current->policy;
		t->real_time = current->real_time;
	}
	t->nice = reset && current->nice < 0 ? 0 : current->nice;
}

static u64 clones;

u64 process_clones(void)
{
	return atomic_load(&clones);
}

/*
 * One way for fork, vfork, new threads and the first process. Up to add_thread() nobody can find
 * what is made, and all can be undone; from there on nothing fails.
 */
static struct thread *clone_thread(struct clone *c, const char *name)
{
	bool fresh = !(c->flags & CLONE_THREAD);
	struct process *p = fresh ? new_process(c, name) : current_process();
	struct thread *t;
	int error;

	if (IS_ERR(p))
		return (void *)p;
	t = thread_alloc(p, name);
	if (IS_ERR(t)) {
		error = PTR_ERR(t);
		goto no_thread;
	}
	t->mm = p->mm;
	t->cpu_mask = current->fpu ? current->cpu_mask : ~0UL;
	inherit_policy(t);
	c->child_process = p;
	copy_registers(t, c);
	if (fresh) {
		/* Parts want to know the number already. */
		p->pid = t->pid;
		p->id = t->pid->nr;
	}
	error = parts_clone(t, c, fresh);
	if (fresh)
		p->pid = NULL;
	if (error)
		goto no_parts;
	error = add_thread(p, t);
	if (error)
		goto no_place;
	pid_attach_thread(t->pid, t);
	if (fresh)
		publish_process(p, t);
	parts_clone_commit(t, c, fresh);
	(void)atomic_fetch_add(&clones, 1UL);
	if (fresh)
		process_put(p);		/* creation's reference; thread and table have theirs */
	return t;

no_place:
	parts_undo(t, fresh);
no_parts:
	thread_put(t);
no_thread:
	if (fresh)
		process_put(p);
	return ERR_PTR(error);
}

struct thread *process_clone(struct clone *c)
{
	int error = parts_check(c, CORE_FLAGS);

	if (error)
		return ERR_PTR(error);
	if ((c->flags & CLONE_THREAD) && !(c->flags & CLONE_VM))
		return ERR_PTR(-EINVAL);
	return clone_thread(c, current->name);
}

struct thread *process_create(const char *name)
{
	struct clone c = { 0 };

	return clone_thread(&c, name);
}

struct thread *process_create_first(const char *name)
{
	struct thread *t = process_create(name);

	if (!IS_ERR(t))
		init_process = t->process;
	return t;
}

/* ---- exit ---- */

/* With p->lock held. */
static void kill_others(struct process *p)
{
	struct thread *t;

	list_for_each_entry(t, &p->threads, process_link)
		if (t != current)
			thread_kill(t);
}

/* Begin the end, once: the first status counts. */
static void begin_exit(struct process *p, int status)
{
	spin_lock(&p->lock);
	if (!p->exiting) {
		p->exiting = true;
		p->exit_status = status;
	}
	kill_others(p);
	spin_unlock(&p->lock);
}

void process_exit(int status)
{
	begin_exit(current_process(), status);
	thread_exit(current_process()->exit_status);
}

void process_kill(struct process *p, int status)
{
	begin_exit(p, status);
	if (p == current_process())
		thread_set_work(current, WORK_KILL);
}

static void add_times(struct process *p, struct thread *t)
{
	u64 user, system;

	thread_times(t, &user, &system);
	p->user_ns += user;
	p->system_ns += system;
	p->minor_faults += t->minor_faults;
	p->major_faults += t->major_faults;
	p->voluntary_switches += t->voluntary_switches;
	p->involuntary_switches += t->involuntary_switches;
}

/*
 * The last thread: take down what the process has, and become a zombie. Its memory goes before the
 * parent can be told: who has waited for a child may rely on having its memory back.
 */
static void process_end(struct process *p)
{
	struct mm *mm = p->mm;
	bool release;

	if (p == init_process)
		panic("init (%s) ended with status %#x; nothing can run without it", current->name,
		      p->exit_status);
	spin_lock(&p->lock);
	p->mm = NULL;
	p->state = PROCESS_ZOMBIE;
	spin_unlock(&p->lock);
	if (mm)
		mm_put(mm);
	parts_exit(p);
	spin_lock(&p->lock);
	release = p->reaped_by_itself;
	spin_unlock(&p->lock);
	if (release)
		process_release(p);
}

void process_thread_gone(struct process *p, struct thread *t)
{
	bool last;

	parts_thread_exit(t);
	spin_lock(&p->lock);
	if (p->mm)
		p->max_rss_pages = MAX(p->max_rss_pages, mm_peak_resident(p->mm));
	t->mm = NULL;			/* from now on only borrowed */
	list_del(&t->process_link);
	add_times(p, t);
	last = --p->thread_count == 0;
	if (last && !p->exiting) {
		p->exiting = true;
		p->exit_status = t->exit_code;
	}
	spin_unlock(&p->lock);
	pid_detach_thread(t->pid, t);
	wake_up_all(&p->threads_gone);
	if (last)
		process_end(p);
}

void process_release(struct process *p)
{
	bool first;

	spin_lock(&p->lock);
	first = p->state != PROCESS_REAPED;
	p->state = PROCESS_REAPED;
	spin_unlock(&p->lock);
	if (!first)
		return;
	pid_attach_process(p->pid, NULL);
	process_put(p);
}

/*
 * The current thread, alone now, takes the leader's number (execve(2): the thread group's id
 * stays).
 */
static void take_leaders_number(struct process *p, struct thread *t)
{
	struct pid *old = t->pid;

	if (old == p->pid)
		return;
	pid_detach_thread(old, t);
	pid_get(p->pid);
	t->pid = p->pid;
	t->tid = p->id;
	pid_attach_thread(t->pid, t);
	pid_put(old);
}

/*
 * p->sole also keeps two threads from calling exec at once: each would wait for the other to die.
 * The second is killed by the first, as kill_others() has marked it.
 */
int process_become_single(void)
{
	struct process *p = current_process();
	int error;

	spin_lock(&p->lock);
	if (p->exiting || p->sole) {
		spin_unlock(&p->lock);
		return -EAGAIN;
	}
	p->sole = current;
	kill_others(p);
	spin_unlock(&p->lock);
	error = wait_event(&p->threads_gone, READ_ONCE(p->thread_count) == 1, WAIT_KILLABLE);
	spin_lock(&p->lock);
	p->sole = NULL;
	spin_unlock(&p->lock);
	if (!error)
		take_leaders_number(p, current);
	return error ? -EAGAIN : 0;
}

void process_for_each_thread(struct process *p, void (*fn)(struct thread *t, void *arg), void *arg)
{
	struct thread *t;

	spin_lock(&p->lock);
	list_for_each_entry(t, &p->threads, process_link)
		fn(t, arg);
	spin_unlock(&p->lock);
}

void process_times(struct process *p, u64 *user_ns, u64 *system_ns)
{
	struct thread *t;

	spin_lock(&p->lock);
	*user_ns = p->user_ns;
	*system_ns = p->system_ns;
	list_for_each_entry(t, &p->threads, process_link) {
		u64 user, system;

		thread_times(t, &user, &system);
		*user_ns += user;
		*system_ns += system;
	}
	spin_unlock(&p->lock);
}
