/*
 * Delivering signals: the one place where a signal acts.
 *
 * A thread on its way back to user mode holds no lock, has its registers in a trapframe, and may
 * simply be changed: sent to a handler, stopped, or ended. So all of it happens here, in one
 * loop. (POSIX.1-2017 XSH 2.4.3, signal(7): "Signal dispositions", "Execution of signal
 * handlers".)
 *
 * EXERCISE 6.1: choose the next signal and what it does.
 *
 * Goal: take_signal() returns the next signal that has a handler, having dealt with all others
 * before it: a job-control stop that was asked for, ignored signals, default actions.
 * Invariant: on return no unblocked signal is pending, or a handler is about to run; WORK_SIGNAL
 * says the same (signal_recalc). process_signals.lock is never held while stopping, dying or
 * asking for tree_lock, and what was learned before it was let go is looked up again.
 * Symptom when wrong: ^C does nothing, a shell hangs in wait4 after ^Z, a handler runs for
 * SIGKILL, or the kernel spins between user_work and here because WORK_SIGNAL stays set.
 * Read first: signal.h; send.c for what happened when the signal was generated; stop.c.
 * Tests: signal_default, signal_stop, signal_order, signal_fault.
 */
#include "06-posix/signal/signal.h"
#include "common/exercise.h"
#include "common/abi/resource.h"
#include "common/abi/wait.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"
#include "06-posix/job/job.h"

/* EXERCISE 6.1 BEGIN  blank-toplevel */
/* What the process's death by sig looks like to its parent. No core file is written. */
static int death_status(int sig)
{
	bool core = SIGMASK(sig) & SIGSET_CORE && rlimit(RLIMIT_CORE) > 0;

	return sig | (core ? W_COREFLAG : 0);
}

/* SIG_DFL. Lock held, and again on return; let go in between. */
static void default_action(struct process_signals *ps, int sig)
{
	bool orphaned;

	if (SIGMASK(sig) & SIGSET_IGNORE)
		return;
	if (ps->unkillable)
		return;
	if (!(SIGMASK(sig) & SIGSET_STOP)) {
		spin_unlock(&ps->lock);
		process_exit(death_status(sig));
	}
	if (sig != SIGSTOP) {
		/* Nobody could continue an orphaned group: the terminal's stop signals do nothing
		 * to it. */
		spin_unlock(&ps->lock);
		orphaned = current_group_orphaned();
		spin_lock(&ps->lock);
		/* A SIGCONT that came meanwhile has cancelled this stop. */
		if (orphaned || ps->shared.set & SIGMASK(SIGCONT))
			return;
	}
	signal_start_stop(ps, sig);
}

/* The handler that sig has, in *act; false: SIG_DFL or SIG_IGN, and *act tells which. Lock held. */
static bool get_handler(struct process_signals *ps, int sig, struct sigaction *act)
{
	struct sighand *h = ps->sighand;
	bool handler;

	spin_lock_nested(&h->lock);
	*act = h->action[sig];
	handler = act->sa_handler != SIG_DFL && act->sa_handler != SIG_IGN;
	if (handler && act->sa_flags & SA_RESETHAND)
		h->action[sig].sa_handler = SIG_DFL;
	spin_unlock(&h->lock);
	return handler;
}
/* EXERCISE 6.1 END */

/*
 * Number of the next signal that has a handler, with its siginfo and action; 0 when nothing is left
 * to do.
 */
static int take_signal(struct process_signals *ps, struct thread_signals *ts, struct siginfo *info,
		       struct sigaction *act)
{
	int sig = 0;

	/* EXERCISE 6.1 BEGIN  blank: atomic_fetch_and(&current->work, ~WORK_SIGNAL); */
	spin_lock(&ps->lock);
	for (;;) {
		if (ps->notify || ts->stop_pending) {
			bool notify = ps->notify;

			spin_unlock(&ps->lock);
			if (notify)
				signal_notify_parent(ps->process);
			else
				signal_stop_here(ps, ts);
			if (thread_killed(current))
				return 0;
			spin_lock(&ps->lock);
			continue;
		}
		sig = signal_dequeue(ps, ts, ~ts->blocked, info);
		if (!sig || get_handler(ps, sig, act))
			break;
		if (act->sa_handler == SIG_DFL)
			default_action(ps, sig);
	}
	signal_recalc(ps, ts);
	spin_unlock(&ps->lock);
	/* EXERCISE 6.1 END */
	return sig;
}

/* Make f enter the handler. */
static void run_handler(struct trapframe *f, struct thread_signals *ts, const struct sigaction *act,
			const struct siginfo *info)
{
	u64 old_mask = ts->restore_mask ? ts->saved_mask : ts->blocked;
	int sig = info->si_signo;
	u64 mask = ts->blocked | act->sa_mask;
	struct siginfo fault;

	/*
	 * Before the frame is built: it is to hold the rip and rax with which the program goes on
	 * after the handler, be that the call once more or EINTR. The mask that the frame holds is
	 * that of before sigsuspend or ppoll, if one of these has been interrupted.
	 */
	signal_restart(f, act);
	if (signal_setup_frame(f, act, info, old_mask) != 0) {
		/* No room for the frame: SIGSEGV, which must not try the same again. */
		siginfo_kernel(&fault, SIGSEGV, SI_KERNEL);
		if (sig == SIGSEGV)
			signal_set_blocked(ts->blocked | SIGMASK(SIGSEGV));
		signal_force(&fault);
		return;
	}
	ts->restore_mask = false;
	if (!(act->sa_flags & SA_NODEFER))
		mask |= SIGMASK(sig);
	signal_set_blocked(mask);
}

/*
 * One handler per pass. If more signals are pending, signal_recalc() has left WORK_SIGNAL set, and
 * the loop on the way to user mode comes back: the next handler's frame goes on top of this one's,
 * so that it runs first (unless this one's mask blocks its signal).
 */
void signal_deliver(struct trapframe *f)
{
	struct process_signals *ps = process_signals(current_process());
	struct thread_signals *ts = thread_signals(current);
	struct siginfo info;
	struct sigaction act;

	if (!ts || !take_signal(ps, ts, &info, &act)) {
		signal_restart(f, NULL);
		if (ts && ts->restore_mask) {
			ts->restore_mask = false;
			signal_set_blocked(ts->saved_mask);
		}
		return;
	}
	run_handler(f, ts, &act, &info);
}
USER_WORK(30, WORK_SIGNAL, signal_deliver);
