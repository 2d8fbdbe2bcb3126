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

/*
 * Number of the next signal that has a handler, with its siginfo and action; 0 when nothing is left
 * to do.
 */
static int take_signal(struct process_signals *ps, struct thread_signals *ts, struct siginfo *info,
		       struct sigaction *act)
{
	int sig = 0;

	/* EXERCISE 6.1: your code here. */
	exercise_blank("6.1");
	atomic_fetch_and(&current->work, ~WORK_SIGNAL);
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
