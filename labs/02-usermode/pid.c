/*
 * Numbers of threads, processes, groups and sessions (contract in process.h).
 *
 * All kinds share one number space, as POSIX wants (3.292 Process ID: not reused
 * while it is a group's or session's number). A number is taken as long as its struct
 * pid has references; a cursor walks round so that numbers come back late.
 *
 * One spinlock protects the hash table and what hangs in it, and is held for a few steps only. A
 * finder takes its reference under it, and a reference count goes to zero under it: so whoever is
 * found is alive. process_next() looks at all slots, which is right for its callers: they visit
 * all processes.
 */
#include "common/errno.h"
#include "01-memory/kmem.h"
#include "02-usermode/process.h"
#include "02-usermode/sched.h"

#define PID_HASH	1024

static DEFINE_SPINLOCK(pid_lock, RANK_PID);
static struct pid *hash[PID_HASH];	/* pid_lock, like all below */
static int last_nr;
static int used;
static int processes, threads;

static struct pid **pid_slot(int nr)
{
	struct pid **link = &hash[nr % PID_HASH];

	while (*link && (*link)->nr != nr)
		link = &(*link)->hash_next;
	return link;
}

struct pid *pid_alloc(void)
{
	struct pid *p = kzalloc(sizeof(*p), GFP_KERNEL);
	struct pid **slot;

	if (!p)
		return NULL;
	ref_init(&p->refs, 1);
	spin_lock(&pid_lock);
	if (used >= PID_MAX - 1) {
		spin_unlock(&pid_lock);
		kfree(p);
		return NULL;
	}
	/* Ends: not all numbers are in use. */
	do {
		last_nr = last_nr + 1 < PID_MAX ? last_nr + 1 : 1;
		slot = pid_slot(last_nr);
	} while (*slot);
	p->nr = last_nr;
	*slot = p;
	used++;
	spin_unlock(&pid_lock);
	return p;
}

void pid_get(struct pid *p)
{
	ref_get(&p->refs);
}

void pid_put(struct pid *p)
{
	struct pid **slot;

	/* The count goes to zero only under the lock: pid_find() may be looking. */
	spin_lock(&pid_lock);
	if (!ref_put(&p->refs)) {
		spin_unlock(&pid_lock);
		return;
	}
	slot = pid_slot(p->nr);
	*slot = p->hash_next;
	used--;
	spin_unlock(&pid_lock);
	kfree(p);
}

struct pid *pid_find(int nr)
{
	struct pid *p = NULL;

	if (nr <= 0)
		return NULL;
	spin_lock(&pid_lock);
	p = *pid_slot(nr);
	if (p)
		ref_get(&p->refs);
	spin_unlock(&pid_lock);
	return p;
}

struct process *process_find(int nr)
{
	struct process *found = NULL;
	struct pid *p;

	if (nr <= 0)
		return NULL;
	spin_lock(&pid_lock);
	p = *pid_slot(nr);
	if (p && p->process) {
		found = p->process;
		process_get(found);
	}
	spin_unlock(&pid_lock);
	return found;
}

struct thread *thread_find(int tid)
{
	struct thread *found = NULL;
	struct pid *p;

	if (tid <= 0)
		return NULL;
	spin_lock(&pid_lock);
	p = *pid_slot(tid);
	if (p && p->thread) {
		found = p->thread;
		thread_get(found);
	}
	spin_unlock(&pid_lock);
	return found;
}

struct process *process_find_any(int nr)
{
	struct process *p = process_find(nr);
	struct thread *t = p ? NULL : thread_find(nr);

	if (t) {
		p = t->process;
		process_get(p);
		thread_put(t);
	}
	return p;
}

struct process *process_next(int nr)
{
	struct process *best = NULL;

	spin_lock(&pid_lock);
	for (int i = 0; i < PID_HASH; i++)
		for (struct pid *p = hash[i]; p; p = p->hash_next)
			if (p->process && p->nr >= nr && (!best || p->nr < best->id))
				best = p->process;
	if (best)
		process_get(best);
	spin_unlock(&pid_lock);
	return best;
}

void pid_attach_thread(struct pid *p, struct thread *t)
{
	spin_lock(&pid_lock);
	threads += !!t - !!p->thread;
	p->thread = t;
	spin_unlock(&pid_lock);
}

/* A number may have passed to another thread meanwhile (exec by one that is not the leader). */
void pid_detach_thread(struct pid *p, struct thread *t)
{
	spin_lock(&pid_lock);
	if (p->thread == t) {
		p->thread = NULL;
		threads--;
	}
	spin_unlock(&pid_lock);
}

/* NULL: the number is nobody's process any more; it may still be a group's or a session's. */
void pid_attach_process(struct pid *p, struct process *process)
{
	spin_lock(&pid_lock);
	processes += !!process - !!p->process;
	p->process = process;
	spin_unlock(&pid_lock);
}

int process_count(void)
{
	return READ_ONCE(processes);
}

int thread_count(void)
{
	return READ_ONCE(threads);
}
