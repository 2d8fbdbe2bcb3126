/*
 * Generating signals.
 *
 * What happens at once, whatever the target does: SIGCONT and the stop signals cancel each other,
 * an ignored signal is dropped (unless blocked: the program may yet change its mind), and a signal
 * that is certain to kill starts killing, so that even a thread in a killable wait dies.
 * Everything else waits in a queue until a thread returns to user mode.
 *
 * How the target finds out. Its thread gets WORK_SIGNAL, which the way back to user mode looks at,
 * and if it sleeps in an interruptible wait it is woken. A thread that is just running in user
 * mode on another CPU is made to enter the kernel (thread_set_work). A signal for the process
 * needs only one thread that does not block it; one is chosen now, and chosen again whenever that
 * one may have become the wrong one: it blocks the signal, or exits (signal_retarget).
 *
 * (POSIX.1-2017 XSH 2.4.1; signal(7); init's protection: kill(2), NOTES.)
 */
#include "06-posix/signal/signal.h"
#include "common/string.h"
#include "03-syscalls/cred.h"

void siginfo_kernel(struct siginfo *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
}

void siginfo_user(struct siginfo *info, int sig, int code)
{
	siginfo_kernel(info, sig, code);
	info->si_pid = current_process()->id;
	info->si_uid = current_cred()->uid;
}

/* Lock held: an exec may exchange the handlers. */
static void *handler_of(struct process_signals *ps, int sig)
{
	return READ_ONCE(ps->sighand->action[sig].sa_handler);
}

/* Would the signal do nothing if it were delivered? */
static bool has_no_effect(struct process_signals *ps, int sig)
{
	void *h = handler_of(ps, sig);

	if (ps->unkillable && (h == SIG_DFL || SIGMASK(sig) & SIGSET_UNBLOCKABLE))
		return true;
	return h == SIG_IGN || (h == SIG_DFL && SIGMASK(sig) & SIGSET_IGNORE);
}

/*
 * Blocked is stronger than ignored: between the block and the unblock the program may set a
 * handler, and sigwait(3) gets signals that are blocked and ignored by default, SIGCHLD above all.
 */
static bool is_ignored(struct process_signals *ps, const struct thread_signals *ts, int sig)
{
	if (ts && (ts->blocked | ts->waiting) & SIGMASK(sig))
		return false;
	return has_no_effect(ps, sig);
}

static void flush_everywhere(struct process_signals *ps, u64 mask)
{
	struct thread_signals *ts;

	sigpending_flush(ps, &ps->shared, mask);
	list_for_each_entry(ts, &ps->threads, link)
		sigpending_flush(ps, &ts->pending, mask);
}

/* In sigtimedwait(2) what is waited for counts as not blocked, though it usually is. */
static bool wants(const struct thread_signals *ts, int sig)
{
	return !(ts->blocked & ~ts->waiting & SIGMASK(sig));
}

/* Work first, then the wake-up: a thread that is about to sleep looks at its work once more. */
static void wake(struct thread_signals *ts)
{
	thread_set_work(ts->thread, WORK_SIGNAL);
	thread_interrupt(ts->thread, WAIT_INTERRUPTIBLE);
}

/* The thread that shall take a signal for the process: the oldest that does not block it. */
static struct thread_signals *choose(struct process_signals *ps, int sig)
{
	struct thread_signals *ts;

	list_for_each_entry(ts, &ps->threads, link)
		if (wants(ts, sig))
			return ts;
	return NULL;
}

/* May wake more threads than there are signals; who finds nothing goes on sleeping or restarts. */
void signal_retarget(struct process_signals *ps, u64 mask)
{
	u64 set = ps->shared.set & mask;

	while (set) {
		int sig = __builtin_ctzl(set) + 1;
		struct thread_signals *ts = choose(ps, sig);

		if (ts)
			wake(ts);
		set &= set - 1;
	}
}

/*
 * Certain to kill, so that nobody has to run first. Not those that leave a core file: they are
 * acted on in the victim, which alone can say what its state is (here it only sets the status's
 * core bit). The signal stays pending besides, but its process will not return to user mode.
 */
static bool is_fatal(struct process_signals *ps, const struct thread_signals *ts, int sig)
{
	if (sig == SIGKILL)
		return !ps->unkillable;
	/* POSIX.1-2017 XSH 2.4.3: while stopped, a process is delivered nothing but SIGKILL. */
	if (ps->stopped && !ps->stop_remaining)
		return false;
	return handler_of(ps, sig) == SIG_DFL && !ps->unkillable && !(ts->waiting & SIGMASK(sig)) &&
	       !(SIGMASK(sig) & (SIGSET_IGNORE | SIGSET_STOP | SIGSET_CORE));
}

/* A signal was queued for ts (NULL: the process). True if the process is to be killed right now. */
static bool notify_target(struct process_signals *ps, struct thread_signals *ts, int sig)
{
	smp_mb();	/* the set was written before the queue is looked at: see is_pending() there */
	if (wait_queue_active(&ps->signalfd))
		wake_up_all(&ps->signalfd);
	if (!ts)
		ts = choose(ps, sig);
	else if (!wants(ts, sig))
		ts = NULL;
	if (!ts)
		return false;
	if (is_fatal(ps, ts, sig))
		return true;
	wake(ts);
	return false;
}

/* The immediate effects, and whether the signal is to be queued at all. */
/*
 * Even a SIGCONT that is blocked or ignored continues the process, and even a stop signal that is
 * ignored cancels a pending SIGCONT: POSIX.1-2017 XSH 2.4.1 says "when generated".
 */
static bool prepare(struct process_signals *ps, struct thread_signals *ts, int sig)
{
	if (SIGMASK(sig) & SIGSET_STOP) {
		flush_everywhere(ps, SIGMASK(SIGCONT));
	} else if (sig == SIGCONT) {
		flush_everywhere(ps, SIGSET_STOP);
		signal_end_stop(ps, true);
	} else if (sig == SIGKILL && !ps->unkillable) {
		signal_end_stop(ps, false);
	}
	if (!ts && !list_empty(&ps->threads))
		ts = list_first_entry(&ps->threads, struct thread_signals, link);
	return !is_ignored(ps, ts, sig);
}

/* *kill: the caller shall call process_kill() when it has let go of the lock. */
static int send_locked(struct process_signals *ps, struct thread_signals *ts,
		       const struct siginfo *info, bool *kill)
{
	struct sigpending *s = ts ? &ts->pending : &ps->shared;
	int sig = info->si_signo, err;

	if (!prepare(ps, ts, sig))
		return 0;
	if (sig < SIGRTMIN && s->set & SIGMASK(sig))
		return 0;
	err = sigpending_add(ps, s, info);
	if (!err)
		*kill = notify_target(ps, ts, sig);
	return err;
}

/*
 * process_kill() takes the process's lock (RANK_PROCESS), which comes before ours: so it is called
 * after. A thread that has exited has no part any more; a signal for it alone is lost with it.
 */
int signal_send(struct process *p, struct thread *t, const struct siginfo *info)
{
	struct process_signals *ps = process_signals(p);
	struct thread_signals *ts = NULL;
	bool kill = false;
	int err = 0;

	if (!ps)		/* the kernel's own process takes none */
		return 0;
	spin_lock(&ps->lock);
	if (t)
		ts = thread_signals(t);
	if (!t || ts)
		err = send_locked(ps, ts, info, &kill);
	spin_unlock(&ps->lock);
	if (kill)
		process_kill(p, info->si_signo);
	return err;
}

/*
 * For timers, in interrupt context: no allocation, and a classic signal is queued although
 * pending.
 */
bool signal_send_queued(struct process *p, struct thread *t, struct sigqueue *q)
{
	struct process_signals *ps = process_signals(p);
	struct thread_signals *ts = NULL;
	int sig = q->info.si_signo;
	bool kill = false, sent = false;

	spin_lock(&ps->lock);
	if (t)
		ts = thread_signals(t);
	if ((t && !ts) || !list_empty(&q->link) || !prepare(ps, ts, sig))
		goto out;
	list_add_tail(&q->link, ts ? &ts->pending.queue : &ps->shared.queue);
	*(ts ? &ts->pending.set : &ps->shared.set) |= SIGMASK(sig);
	kill = notify_target(ps, ts, sig);
	sent = true;
out:
	spin_unlock(&ps->lock);
	if (kill)
		process_kill(p, sig);
	return sent;
}

/* Only realtime signals sent by programs are ever refused, so there is no result to look at. */
void signal_send_kernel(struct process *p, int sig)
{
	struct siginfo info;

	siginfo_kernel(&info, sig, SI_KERNEL);
	signal_send(p, NULL, &info);
}

void signal_send_self(int sig)
{
	struct siginfo info;

	siginfo_user(&info, sig, SI_USER);
	signal_send(current_process(), current, &info);
}

/*
 * The instruction that failed would fail again and again if its signal were ignored or had to
 * wait. So it is made to have its effect: unblocked, and set to SIG_DFL if it was blocked or
 * ignored. A handler that is not blocked runs, of course.
 */
void signal_force(const struct siginfo *info)
{
	struct process_signals *ps = process_signals(current_process());
	struct thread_signals *ts = thread_signals(current);
	int sig = info->si_signo;
	struct sigaction *act;

	spin_lock(&ps->lock);
	spin_lock_nested(&ps->sighand->lock);
	act = &ps->sighand->action[sig];
	if (ts->blocked & SIGMASK(sig) || act->sa_handler == SIG_IGN) {
		act->sa_handler = SIG_DFL;
		ts->blocked &= ~SIGMASK(sig);
	}
	if (act->sa_handler == SIG_DFL)
		ps->unkillable = false;		/* even init dies of its own faults */
	spin_unlock(&ps->sighand->lock);
	if (!(ts->pending.set & SIGMASK(sig)))
		sigpending_add(ps, &ts->pending, info);
	wake(ts);
	spin_unlock(&ps->lock);
}

/*
 * WORK_SIGNAL must be set whenever there is something to do, else a signal waits for ever, and must
 * not stay set when there is not, else the way to user mode never ends. Under the lock, so that
 * no sender sets it between the look and the clearing.
 */
void signal_recalc(struct process_signals *ps, struct thread_signals *ts)
{
	if ((ts->pending.set | ps->shared.set) & ~ts->blocked || ts->stop_pending || ps->notify)
		thread_set_work(ts->thread, WORK_SIGNAL);
	else
		atomic_fetch_and(&ts->thread->work, ~WORK_SIGNAL);
}

/*
 * Only the owner writes its mask, so it may read it without the lock. Signals that are blocked from
 * now on and pending for the process go to another thread.
 */
void signal_set_blocked(u64 mask)
{
	struct process_signals *ps = process_signals(current_process());
	struct thread_signals *ts = thread_signals(current);
	u64 added;

	mask &= ~SIGSET_UNBLOCKABLE;
	if (ts->blocked == mask)
		return;
	spin_lock(&ps->lock);
	added = mask & ~ts->blocked;
	ts->blocked = mask;
	signal_recalc(ps, ts);
	signal_retarget(ps, added);
	spin_unlock(&ps->lock);
}

/* A hint without the lock; a sleeper that misses a bit is woken by who sets it. */
bool signal_pending(void)
{
	return READ_ONCE(current->work) & (WORK_SIGNAL | WORK_KILL);
}

struct sigaction signal_action(struct process_signals *ps, int sig)
{
	struct sigaction act;

	spin_lock(&ps->lock);
	spin_lock_nested(&ps->sighand->lock);
	act = ps->sighand->action[sig];
	spin_unlock(&ps->sighand->lock);
	spin_unlock(&ps->lock);
	return act;
}

bool signal_ignored_or_blocked(int sig)
{
	struct process_signals *ps = process_signals(current_process());

	return thread_signals(current)->blocked & SIGMASK(sig) ||
	       signal_action(ps, sig).sa_handler == SIG_IGN;
}
