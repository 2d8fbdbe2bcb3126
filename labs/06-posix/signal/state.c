/*
 * Life of the signal state of processes and threads: what fork copies, what CLONE_SIGHAND shares,
 * what exec resets, what exit frees. (clone(2), execve(2), signal(7).)
 *
 * A forked child inherits handlers, mask and alternate stack, but nothing that is pending and no
 * timer. exec keeps ignored signals, the mask and what is pending; handlers, whose code is gone,
 * become SIG_DFL.
 *
 * Three objects with three lives. Handlers (struct sighand) are counted, because processes may
 * share them. The process's part stays until the last reference to the process goes: others may
 * send to a zombie, to no effect. The thread's part goes when the thread exits, under
 * process_signals.lock; who wants another thread's part holds that lock and checks for NULL.
 */
#include "06-posix/signal/signal.h"
#include "common/abi/resource.h"
#include "common/abi/sched.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "03-syscalls/cred.h"
#include "04-elf/exec.h"
#include "05-vfs/printer.h"
#include "06-posix/poll/poll.h"

static struct sighand *sighand_new(struct sighand *from)
{
	struct sighand *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return NULL;
	ref_init(&h->refs, 1);
	spin_init(&h->lock, "sighand", RANK_SIGNAL);
	if (from) {
		spin_lock(&from->lock);
		memcpy(h->action, from->action, sizeof(h->action));
		spin_unlock(&from->lock);
	}
	return h;
}

static void sighand_put(struct sighand *h)
{
	if (ref_put(&h->refs))
		kfree(h);
}

/* Handlers become SIG_DFL, ignored signals stay so (all: these too). */
static void sighand_reset(struct sighand *h, bool all)
{
	for (int sig = 1; sig <= NSIG; sig++) {
		struct sigaction *a = &h->action[sig];

		*a = (struct sigaction){
			.sa_handler = !all && a->sa_handler == SIG_IGN ? SIG_IGN : SIG_DFL
		};
	}
}

/* The handlers of a new process whose parent's state is `parent` (NULL: of the first one). */
static struct sighand *clone_sighand(struct process_signals *parent, u64 flags)
{
	struct sighand *h;

	if (!parent)
		return sighand_new(NULL);
	if (flags & CLONE_SIGHAND) {
		ref_get(&parent->sighand->refs);
		return parent->sighand;
	}
	h = sighand_new(parent->sighand);
	if (h && flags & CLONE_CLEAR_SIGHAND)
		sighand_reset(h, false);
	return h;
}

/* ---- the process's part ---- */

/*
 * A handler is an address, so who shares handlers must share memory; threads of one process share
 * both (clone(2), EINVAL).
 */
static int signals_check(const struct clone *c)
{
	if (c->flags & CLONE_THREAD && !(c->flags & CLONE_SIGHAND))
		return -EINVAL;
	if (c->flags & CLONE_SIGHAND && !(c->flags & CLONE_VM))
		return -EINVAL;
	if (c->flags & CLONE_SIGHAND && c->flags & CLONE_CLEAR_SIGHAND)
		return -EINVAL;
	return 0;
}

static int signals_clone(struct thread *child, struct clone *c)
{
	struct process_signals *parent = process_signals(current_process());
	struct process_signals *ps = kzalloc(sizeof(*ps), GFP_KERNEL);

	if (!ps)
		return -ENOMEM;
	ps->sighand = clone_sighand(parent, c->flags);
	if (!ps->sighand) {
		kfree(ps);
		return -ENOMEM;
	}
	ps->process = child->process;
	ps->unkillable = !parent;	/* only init comes from nothing */
	spin_init(&ps->lock, "signals", RANK_SIGNAL);
	sigpending_init(&ps->shared);
	list_init(&ps->threads);
	wait_queue_init(&ps->signalfd);
	itimers_init(ps);
	cpu_limit_init(ps);
	list_init(&ps->posix_timers);
	child->process->parts[process_signals_part.slot] = ps;
	return 0;
}

static void signals_commit(struct thread *child, struct clone *c)
{
	cpu_limit_start(child->process);
}

static void signals_free(struct process *p)
{
	struct process_signals *ps = process_signals(p);

	if (!ps)
		return;
	sigpending_flush(ps, &ps->shared, ~0UL);
	sighand_put(ps->sighand);
	kfree(ps);
	p->parts[process_signals_part.slot] = NULL;
}

static void signals_undo(struct thread *child)
{
	signals_free(child->process);
}

/*
 * The last thread is on its way out. From here on nobody takes a signal, but senders may still
 * come: what they queue is thrown away by signals_free(). Timers must be gone before that.
 */
static void signals_exit(struct process *p)
{
	struct process_signals *ps = process_signals(p);

	if (wait_queue_active(&ps->signalfd))
		poll_queue_gone(&ps->signalfd);
	itimers_exit(ps);
	cpu_limit_exit(ps);
	posix_timers_exit(ps);
	spin_lock(&ps->lock);
	sigpending_flush(ps, &ps->shared, ~0UL);
	spin_unlock(&ps->lock);
}

/*
 * Handlers shared with another process are left to it: exec is about to reset them, and the other
 * still runs the old program. What may fail is done here, before the point of no return.
 */
static int signals_exec_prepare(struct exec *x)
{
	struct process_signals *ps = process_signals(current_process());
	struct sighand *h;

	if (ref_read(&ps->sighand->refs) == 1)
		return 0;
	h = sighand_new(ps->sighand);
	if (!h)
		return -ENOMEM;
	spin_lock(&ps->lock);
	sighand_put(ps->sighand);
	ps->sighand = h;
	spin_unlock(&ps->lock);
	return 0;
}

static void signals_exec_commit(struct exec *x)
{
	struct process_signals *ps = process_signals(current_process());

	posix_timers_exit(ps);
	spin_lock(&ps->lock);
	spin_lock_nested(&ps->sighand->lock);
	sighand_reset(ps->sighand, false);
	spin_unlock(&ps->sighand->lock);
	spin_unlock(&ps->lock);
}

/* For /proc/PID/status. */
static void signals_show(struct process *p, struct printer *out)
{
	struct process_signals *ps = process_signals(p);
	u64 blocked = 0, pending = 0, ignored = 0, caught = 0, shared;
	unsigned queued;

	if (!ps)
		return;
	spin_lock(&ps->lock);
	if (!list_empty(&ps->threads)) {
		struct thread_signals *ts =
			list_first_entry(&ps->threads, struct thread_signals, link);

		blocked = ts->blocked;
		pending = ts->pending.set;
	}
	shared = ps->shared.set;
	queued = ps->queued;
	for (int sig = 1; sig <= NSIG; sig++) {
		void *h = ps->sighand->action[sig].sa_handler;

		if (h == SIG_IGN)
			ignored |= SIGMASK(sig);
		else if (h != SIG_DFL)
			caught |= SIGMASK(sig);
	}
	spin_unlock(&ps->lock);
	print(out,
	      "SigQ:\t%u/%lu\nSigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n"
	      "SigIgn:\t%016lx\nSigCgt:\t%016lx\n",
	      queued, process_rlimit(p, RLIMIT_SIGPENDING, NULL), pending, shared, blocked, ignored,
	      caught);
}

struct part process_signals_part = {
	.name = "signals",
	.scope = PART_PROCESS,
	.clone_flags = CLONE_SIGHAND | CLONE_CLEAR_SIGHAND,
	.check = signals_check,
	.clone = signals_clone,
	.undo = signals_undo,
	.clone_commit = signals_commit,
	.exec_prepare = signals_exec_prepare,
	.exec_commit = signals_exec_commit,
	.exit = signals_exit,
	.free = signals_free,
	.show = signals_show,
};
PART(50, process_signals_part);

/* ---- the thread's part ---- */

static int thread_signals_clone(struct thread *child, struct clone *c)
{
	struct thread_signals *parent = thread_signals(current);
	struct thread_signals *ts = kzalloc(sizeof(*ts), GFP_KERNEL);

	if (!ts)
		return -ENOMEM;
	ts->thread = child;
	list_init(&ts->link);
	sigpending_init(&ts->pending);
	ts->altstack.ss_flags = SS_DISABLE;
	if (parent) {
		ts->blocked = parent->blocked;
		/* Another stack, but the same memory: the parent's alternate stack is not the
		 * child's. */
		if (!(c->flags & CLONE_VM) || c->flags & CLONE_VFORK)
			ts->altstack = parent->altstack;
	}
	child->parts[thread_signals_part.slot] = ts;
	return 0;
}

/* clone(2) failed before the thread was on the list: nobody else knows of it. */
static void thread_signals_undo(struct thread *child)
{
	kfree(child->parts[thread_signals_part.slot]);
	child->parts[thread_signals_part.slot] = NULL;
}

/*
 * From here on signals find the thread: those that came for its new process before found nobody. A
 * stop that is under way takes it in.
 */
static void thread_signals_commit(struct thread *child, struct clone *c)
{
	struct process_signals *ps = process_signals(child->process);
	struct thread_signals *ts = thread_signals(child);

	spin_lock(&ps->lock);
	list_add_tail(&ts->link, &ps->threads);
	if (ps->stopped) {
		ts->stop_pending = true;
		ps->stop_remaining++;
		thread_set_work(child, WORK_SIGNAL);
	}
	signal_retarget(ps, ~ts->blocked);
	spin_unlock(&ps->lock);
}

/* The memory of the stack is gone, the mask stays: execve(2). */
static void thread_signals_exec(struct exec *x)
{
	struct thread_signals *ts = thread_signals(current);

	ts->altstack = (stack_t){ .ss_flags = SS_DISABLE };
}

/*
 * What was pending for this thread alone is lost. What it might have taken for the process another
 * thread takes now: all that this one did not block.
 */
static void thread_signals_exit(struct thread *t)
{
	struct process_signals *ps = process_signals(t->process);
	struct thread_signals *ts = thread_signals(t);
	bool notify;

	if (!ts)
		return;
	ps->uid = current_cred()->uid;
	spin_lock(&ps->lock);
	list_del(&ts->link);	/* first: a stop that only the last thread lacked is none */
	notify = signal_leave_stop(ps, ts);
	t->parts[thread_signals_part.slot] = NULL;
	sigpending_flush(ps, &ts->pending, ~0UL);
	signal_retarget(ps, ~ts->blocked);
	spin_unlock(&ps->lock);
	kfree(ts);
	if (notify)
		signal_notify_parent(t->process);
}

struct part thread_signals_part = {
	.name = "thread signals",
	.scope = PART_THREAD,
	.clone = thread_signals_clone,
	.undo = thread_signals_undo,
	.clone_commit = thread_signals_commit,
	.exec_commit = thread_signals_exec,
	.thread_exit = thread_signals_exit,
};
PART(51, thread_signals_part);
