/*
 * The tree of processes: who is whose child, and what happens to both ends of that link when one of
 * them dies. A dying process first gives its children to the nearest ancestor that asked for them
 * (PR_SET_CHILD_SUBREAPER) or to init, then becomes a zombie and tells its parent.
 *
 * A zombie is what remains so that the parent can ask: number, status, resources. Its memory, files
 * and threads are gone when the link is told, so that a parent that has waited can count on the end
 * of all of it (a pipe's reader sees the end, a file can be executed again).
 *
 * Everything happens under tree_lock: one lock for all processes, where a lock per process would
 * have to be taken in the order of a tree that changes meanwhile. The pieces under it are short,
 * but for a parent of many children that dies.
 *
 * The tree holds no references to processes. A child stays linked until it is reaped, and the
 * struct stays at least until then, as the number table has a reference until process_release(). A
 * parent stays while it has children, as it gives them away before its end.
 */
#include "03-syscalls/family.h"
#include "common/abi/sched.h"
#include "common/abi/wait.h"
#include "common/ktest.h"
#include "01-memory/kmem.h"

#define SIGCHLD		17

DEFINE_SPINLOCK(tree_lock, RANK_PROCESS_TREE);

static struct part family_part;

struct family *process_family(struct process *p)
{
	return process_part(p, family_part, struct family);
}

int process_parent_id(struct process *p)
{
	struct process *parent;
	int id;

	spin_lock(&tree_lock);
	parent = process_family(p) ? process_family(p)->parent : NULL;
	id = parent ? parent->id : 0;
	spin_unlock(&tree_lock);
	return id;
}

/* The weak definitions: what a system without signals, groups and pidfds answers. */
__weak bool child_signal(struct process *child, int signo, int code, int status)
{
	return false;
}

__weak void parent_death_signal(struct process *child, int signo)
{
}

__weak void process_reaped(struct process *p)
{
}

__weak int process_group_id(struct process *p)
{
	return 0;
}

__weak struct pid *pid_from_fd(int fd, bool *nonblock)
{
	return ERR_PTR(-EBADF);
}

/* The lock keeps the parent from going while its queue is being woken. */
void family_notify_parent(struct process *p)
{
	struct process *parent;

	spin_lock(&tree_lock);
	parent = process_family(p)->parent;
	if (parent)
		wake_up_all(&process_family(parent)->child_event);
	spin_unlock(&tree_lock);
}

static int family_check(const struct clone *c)
{
	/* Init's children by CLONE_PARENT would have no parent. */
	if (c->flags & CLONE_PARENT && current_process() == init_process)
		return -EINVAL;
	return 0;
}

static int family_clone(struct thread *child, struct clone *c)
{
	struct family *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->self = child->process;
	list_init(&f->children);
	list_init(&f->sibling);
	wait_queue_init(&f->child_event);
	f->exit_signal = c->exit_signal;
	child->process->parts[family_part.slot] = f;
	return 0;
}

/* With the process's last reference, long after its end: /proc may still ask for the parent. */
static void family_free(struct process *p)
{
	kfree(process_family(p));
	p->parts[family_part.slot] = NULL;
}

static void family_undo(struct thread *child)
{
	family_free(child->process);
}

/*
 * The child enters the tree here and not in family_clone(): a child that may still fail must not be
 * seen by a sibling thread's wait4(). CLONE_PARENT makes a sibling; its death is reported as the
 * caller's own would be (clone(2)).
 */
static void family_commit(struct thread *child, struct clone *c)
{
	struct family *f = process_family(child->process);
	struct process *parent = current_process();

	if (!process_family(parent))
		return;			/* the first process */
	spin_lock(&tree_lock);
	if (c->flags & CLONE_PARENT) {
		f->exit_signal = process_family(parent)->exit_signal;
		parent = process_family(parent)->parent;
	}
	f->parent = parent;
	list_add_tail(&f->sibling, &process_family(parent)->children);
	child->process->reaped_by_itself = false;
	spin_unlock(&tree_lock);
}

/*
 * The nearest living ancestor that is a subreaper, else init. An ancestor that has begun to exit
 * would only hand the children on.
 */
static struct process *find_reaper(struct process *p)
{
	struct process *a;

	for (a = process_family(p)->parent; a && a != init_process; a = process_family(a)->parent)
		if (process_family(a)->subreaper && !a->exiting && !process_family(a)->zombie)
			return a;
	return init_process;
}

/*
 * The totals of a child that nobody waits for are lost, as POSIX has it (times(): "terminated and
 * waited-for children").
 */
void family_unlink(struct process *child, bool account)
{
	struct family *f = process_family(child), *to = process_family(f->parent);

	list_del(&f->sibling);
	f->zombie = false;
	f->parent = NULL;
	process_reaped(child);
	if (!account)
		return;
	to->child_user_ns += child->user_ns + f->child_user_ns;
	to->child_system_ns += child->system_ns + f->child_system_ns;
	to->child_minor_faults += child->minor_faults + f->child_minor_faults;
	to->child_major_faults += child->major_faults + f->child_major_faults;
	to->child_voluntary_switches += child->voluntary_switches + f->child_voluntary_switches;
	to->child_involuntary_switches += child->involuntary_switches +
					  f->child_involuntary_switches;
	to->child_max_rss = MAX(to->child_max_rss, MAX(f->child_max_rss, child->max_rss_pages));
}

/*
 * Tell the parent of a death; true if it does not want to know, so that nobody will wait. That is
 * so only for SIGCHLD: a parent that ignores it or set SA_NOCLDWAIT (sigaction(2)) leaves no
 * zombies.
 */
static bool tell_parent(struct family *f)
{
	int status = f->self->exit_status, signo = status & 0x7f;
	int code = !signo ? CLD_EXITED : status & W_COREFLAG ? CLD_DUMPED : CLD_KILLED;

	return child_signal(f->self, f->exit_signal, code, signo ? signo : status >> 8 & 0xff) &&
	       f->exit_signal == SIGCHLD;
}

/*
 * Give the children of dying p away; zombies that the new parent does not care for go to `dead`.
 * tree_lock held.
 */
static void reparent_children(struct process *p, struct list_head *dead)
{
	struct process *reaper = find_reaper(p);
	struct family *to = process_family(reaper), *f, *next;
	bool wake = false;

	list_for_each_entry_safe(f, next, &process_family(p)->children, sibling) {
		f->parent = reaper;
		/* Whatever the old parent asked for: the new one knows only ordinary children. */
		f->exit_signal = SIGCHLD;
		list_move_tail(&f->sibling, &to->children);
		if (f->pdeath_signal)
			parent_death_signal(f->self, f->pdeath_signal);
		/* A zombie that its parent never waited for: the new parent hears of it now. */
		if (!f->zombie)
			continue;
		wake = true;
		if (tell_parent(f)) {
			family_unlink(f->self, false);
			list_add_tail(&f->sibling, dead);
		}
	}
	if (wake)
		wake_up_all(&to->child_event);
}

/*
 * Become a zombie and tell the parent, or vanish at once if it does not care. tree_lock held. From
 * `zombie` on another CPU's wait4 may take p, though not before the lock is released; p's struct
 * stays, as this thread holds a reference. The waiters are woken in both cases: with the last child
 * gone they have to answer ECHILD.
 */
static void become_zombie(struct process *p)
{
	struct family *f = process_family(p);
	struct process *parent = f->parent;

	f->zombie = true;
	if (tell_parent(f)) {
		family_unlink(p, false);
		p->reaped_by_itself = true;
	}
	wake_up_all(&process_family(parent)->child_event);
}

/*
 * Releasing a process may sleep; so what is to be released is collected under the lock and released
 * after it.
 */
static void family_exit(struct process *p)
{
	LIST_HEAD(dead);

	spin_lock(&tree_lock);
	if (!list_empty(&process_family(p)->children)) /* (a kernel's own child may end before init
							  is there) */
		reparent_children(p, &dead);
	if (process_family(p)->parent)
		become_zombie(p);
	spin_unlock(&tree_lock);
	while (!list_empty(&dead)) {
		struct family *f = list_first_entry(&dead, struct family, sibling);

		list_del(&f->sibling);
		process_release(f->self);
	}
}

/* The grader's stream ends with init; without a grader, 02 panics next. */
static void family_thread_exit(struct thread *t)
{
	struct process *p = t->process;

	if (p == init_process && p->thread_count == 1)
		ktap_user_end(p->exiting ? p->exit_status : t->exit_code);
}

static struct part family_part = {
	.name = "family",
	.scope = PART_PROCESS,
	.clone_flags = CLONE_PARENT,
	.check = family_check,
	.clone = family_clone,
	.undo = family_undo,
	.clone_commit = family_commit,
	.thread_exit = family_thread_exit,
	.exit = family_exit,
	.free = family_free,
};
PART(10, family_part);
