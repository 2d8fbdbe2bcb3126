/*
 * What /proc/PID/stat and status say about job control and signals. Procfs belongs to lab 05 and
 * calls this through a pointer (proc_job_info), which is NULL before lab 06.
 *
 * Everything is copied under the two locks, one after the other; a process may change between
 * them. t is the thread asked for (/proc/PID/task/TID) or NULL when it has none left.
 * (proc_pid_stat(5): pgrp, session, tty_nr, tpgid; proc_pid_status(5): SigPnd to SigCgt.)
 */
#include "common/init.h"
#include "05-vfs/proc.h"
#include "06-posix/job/job.h"
#include "06-posix/signal/signal.h"
#include "06-posix/tty/tty.h"

static void signal_info(struct process_signals *ps, struct thread *t, struct proc_job *out)
{
	struct thread_signals *ts;

	spin_lock(&ps->lock);
	ts = t ? thread_signals(t) : NULL;
	out->pending = ps->shared.set | (ts ? ts->pending.set : 0);
	out->blocked = ts ? ts->blocked : 0;
	for (int sig = 1; sig <= NSIG; sig++) {
		void *h = ps->sighand->action[sig].sa_handler;

		if (h == SIG_IGN)
			out->ignored |= SIGMASK(sig);
		else if (h != SIG_DFL)
			out->caught |= SIGMASK(sig);
	}
	spin_unlock(&ps->lock);
}

static void job_info(struct process *p, struct thread *t, struct proc_job *out)
{
	struct process_signals *ps = process_signals(p);
	struct tty *tty;
	struct job *j;

	out->tpgid = -1;
	spin_lock(&tree_lock);
	out->pgrp = process_group_id(p);
	out->session = process_session_id(p);
	j = process_job(p);
	tty = j && j->group ? j->group->session->tty : NULL;
	if (tty) {
		out->tty_nr = tty->rdev;
		out->tpgid = tty->foreground ? tty->foreground->nr : -1;
	}
	spin_unlock(&tree_lock);
	if (ps)
		signal_info(ps, t, out);
}

static void job_proc_init(void)
{
	proc_job_info = job_info;
}
INITCALL(80, job_proc_init);
