/*
 * Job-control stops: POSIX.1-2017 XSH 2.4.3, waitpid(2) with WUNTRACED and WCONTINUED.
 *
 * The thread that takes a stop signal asks all threads of the process to stop. Each does so on its
 * way back to user mode, where it holds no lock; the last one to arrive tells the parent. SIGCONT
 * ends the stop when it is *generated*, even if blocked or ignored; the first thread that runs
 * again tells the parent.
 *
 * State, all under process_signals.lock:
 *
 *	running		stopped = false, nobody has stop_pending
 *	stopping	stopped = true, stop_remaining threads have stop_pending
 *	stopped		stopped = true, stop_remaining = 0, threads in THREAD_STOPPED
 *
 * and beside it `notify`, which says that somebody must tell the parent. Telling needs tree_lock,
 * which comes before our lock; and SIGCONT may be sent by an interrupt or under tree_lock. So the
 * sender only leaves a note, and a thread of the process carries it on its way to user mode.
 *
 * A stopped thread is not in a wait: THREAD_STOPPED is left only by SIGCONT or by a kill, whatever
 * other signals come. They stay pending.
 */
#include "06-posix/signal/signal.h"
#include "common/abi/resource.h"
#include "common/abi/wait.h"
#include "common/string.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "06-posix/job/job.h"
#include "06-posix/poll/poll.h"

void signal_start_stop(struct process_signals *ps, int sig)
{
	struct thread_signals *ts;

	if (ps->stopped)	/* somebody was faster; this signal adds nothing */
		return;
	ps->stopped = true;
	ps->stop_reported = false;
	ps->stop_signal = sig;
	ps->stop_remaining = 0;
	list_for_each_entry(ts, &ps->threads, link) {
		ts->stop_pending = true;
		ps->stop_remaining++;
		thread_set_work(ts->thread, WORK_SIGNAL);
		if (ts->thread != current)
			thread_interrupt(ts->thread, WAIT_INTERRUPTIBLE);
	}
}

/* One thread less has to stop. True: it was the last, so the parent must be told. */
static bool one_has_stopped(struct process_signals *ps)
{
	if (--ps->stop_remaining > 0 || ps->stop_reported)
		return false;
	ps->stop_reported = true;
	ps->notify = CLD_STOPPED;
	return true;
}

/* Called by the thread that stops, and by one that exits while the others wait for it to stop. */
bool signal_leave_stop(struct process_signals *ps, struct thread_signals *ts)
{
	if (!ts->stop_pending)
		return false;
	ts->stop_pending = false;
	return one_has_stopped(ps) && !list_empty(&ps->threads);
}

/*
 * The state is set before the condition is looked at again, under the lock that signal_end_stop()
 * holds: so its wake-up is never lost. A kill comes without the lock but wakes stopped threads,
 * too.
 */
void signal_stop_here(struct process_signals *ps, struct thread_signals *ts)
{
	bool notify;

	ps->uid = current_cred()->uid;
	spin_lock(&ps->lock);
	notify = signal_leave_stop(ps, ts);
	spin_unlock(&ps->lock);
	if (notify)
		signal_notify_parent(ps->process);
	for (;;) {
		spin_lock(&ps->lock);
		WRITE_ONCE(current->state, THREAD_STOPPED);
		smp_mb();
		if (!ps->stopped || thread_killed(current)) {
			WRITE_ONCE(current->state, THREAD_RUNNING);
			spin_unlock(&ps->lock);
			return;
		}
		spin_unlock(&ps->lock);
		schedule();
	}
}

/* notify is false for SIGKILL: the parent will hear of the death. */
void signal_end_stop(struct process_signals *ps, bool notify)
{
	struct thread_signals *ts;

	if (!ps->stopped)
		return;
	ps->stopped = false;
	ps->stop_remaining = 0;
	/* A stop that nobody has heard of needs no end; one that has been reported does. */
	if (notify)
		ps->notify = ps->stop_reported ? CLD_CONTINUED : 0;
	list_for_each_entry(ts, &ps->threads, link) {
		ts->stop_pending = false;
		thread_set_work(ts->thread, WORK_SIGNAL);
		if (READ_ONCE(ts->thread->state) == THREAD_STOPPED)
			thread_wake(ts->thread);
	}
}

/* Does the parent want a signal when a child stops? */
static bool wants_stop_signal(struct process *parent)
{
	struct sigaction act = signal_action(process_signals(parent), SIGCHLD);

	return act.sa_handler != SIG_IGN && !(act.sa_flags & SA_NOCLDSTOP);
}

static void fill_child_info(struct siginfo *info, struct process *child, int signo, int code,
			    int status)
{
	u64 user, system;

	siginfo_kernel(info, signo, code);
	process_times(child, &user, &system);
	info->si_child_pid = child->id;
	info->si_child_uid = process_signals(child)->uid;
	info->si_status = status;
	info->si_utime = user / (NSEC_PER_SEC / USER_HZ);
	info->si_stime = system / (NSEC_PER_SEC / USER_HZ);
}

/*
 * family.h has the contract; tree_lock is held, so the parent stays the parent. SIGCHLD that is
 * ignored (SIG_IGN, not SIG_DFL), or SA_NOCLDWAIT, means that the child leaves no zombie
 * (POSIX.1-2017 XSH _exit; sigaction(2)); only in the first case is no signal sent.
 */
bool child_signal(struct process *child, int signo, int code, int status)
{
	struct process *parent = process_family(child)->parent;
	struct process_signals *ps = parent ? process_signals(parent) : NULL;
	struct siginfo info;
	bool autoreap = false;

	if (code != CLD_STOPPED && code != CLD_CONTINUED)
		wake_up_poll(&process_job(child)->ended, POLL_READABLE);
	if (!ps)
		return false;
	if (code == CLD_STOPPED || code == CLD_CONTINUED) {
		if (!wants_stop_signal(parent))
			return false;
	} else if (signo == SIGCHLD) {
		struct sigaction act = signal_action(ps, SIGCHLD);

		autoreap = act.sa_handler == SIG_IGN || act.sa_flags & SA_NOCLDWAIT;
		if (act.sa_handler == SIG_IGN)
			return true;
	}
	if (!VALID_SIGNAL(signo))
		return autoreap;
	fill_child_info(&info, child, signo, code, status);
	signal_send(parent, NULL, &info);
	return autoreap;
}

/*
 * The note is taken and the parent's view changed under both locks: of two threads that come here
 * one finds nothing, and a wait4(2) sees stop_status and the signal in the right order.
 */
void signal_notify_parent(struct process *p)
{
	struct process_signals *ps = process_signals(p);
	struct family *fam = process_family(p);
	int what, sig;

	spin_lock(&tree_lock);
	spin_lock(&ps->lock);
	what = ps->notify;
	ps->notify = 0;
	sig = what == CLD_STOPPED ? ps->stop_signal : SIGCONT;
	spin_unlock(&ps->lock);
	if (what) {
		fam->stop_status = what == CLD_STOPPED ? W_STOPCODE(sig) : 0;
		fam->continued = what == CLD_CONTINUED;
		child_signal(p, SIGCHLD, what, sig);
	}
	spin_unlock(&tree_lock);
	if (what)
		family_notify_parent(p);
}
