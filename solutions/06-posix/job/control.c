/*
 * The rules of job control: who may move whom into which process group, how a session begins,
 * and who may touch the terminal. (POSIX.1-2017 XSH setpgid and setsid, XBD 11.1.4; setpgid(2),
 * tty_ioctl(4).)
 *
 * EXERCISE 6.5: setpgid, setsid, and the background's access to the terminal.
 *
 * Goal: a shell can put each pipeline into a group of its own and hand the terminal to one of
 * them; background jobs that touch the terminal are stopped, not served.
 * Invariant: all under tree_lock; a group never spans two sessions; a session's leader leads its
 * first group and can never be moved; a process that could not be continued by anybody (orphaned
 * group) is not stopped.
 * Symptom when wrong: "setpgid: Operation not permitted" from the shell, `fg` that leaves cat
 * without input, a background job that steals the shell's line, a shell that stops itself at
 * start.
 * Read first: job.h, group.c; "Error numbers" in setpgid(2).
 * Tests: setpgid_rules, setsid_rules, tty_background.
 */
#include "06-posix/job/job.h"
#include "common/exercise.h"
#include "06-posix/job/fresh.h"
#include "06-posix/signal/signal.h"
#include "06-posix/tty/tty.h"

/* EXERCISE 6.5 BEGIN  blank-toplevel */
/* May the current process move p at all? */
static int may_move(struct process *p)
{
	struct process *me = current_process();
	struct session *s = process_job(p)->group->session;

	if (p != me) {
		if (process_family(p)->parent != me)
			return -ESRCH;
		if (s != process_job(me)->group->session)
			return -EPERM;
		if (p->did_exec)
			return -EACCES;
	}
	return s->leader == p ? -EPERM : 0;
}

/* EXERCISE 6.5 END */

/*
 * Both a shell and its new child call setpgid(2) for the child, because neither knows who runs
 * first: the child must be in its group before it reads the terminal, and the shell must be able
 * to hand the group the terminal. Hence the rules: oneself, or a child that is still running our
 * own program (before its exec nobody but us can have expectations of where it is).
 */
/* setpgid(2): p, which is in a group, goes into group pgid; 0 or errno. tree_lock held. */
static int move(struct process *p, int pgid, struct job_fresh *fresh)
{
	/* EXERCISE 6.5 BEGIN  blank: return -ENOSYS; */
	struct session *s = process_job(p)->group->session;
	struct group *g = group_find(pgid);
	int error = may_move(p);

	if (error)
		return error;
	if (pgid == p->id) {
		if (!g)
			g = job_new_group(p, s, fresh);
	} else if (!g || g->session != s) {
		return -EPERM;
	}
	job_join(p, g);
	return 0;
	/* EXERCISE 6.5 END */
}

int job_setpgid(int pid, int pgid)
{
	struct job_fresh fresh;
	struct process *p;
	int error;

	pid = pid ? pid : current_process()->id;
	pgid = pgid ? pgid : pid;
	if (pgid < 0)
		return -EINVAL;
	p = process_find(pid);
	if (!p)
		return -ESRCH;
	error = job_fresh_alloc(&fresh);
	if (!error) {
		spin_lock(&tree_lock);
		error = process_job(p) && process_job(p)->group ?
			move(p, pgid, &fresh) : -ESRCH;
		spin_unlock(&tree_lock);
		job_fresh_free(&fresh);
	}
	process_put(p);
	return error;
}

int job_setsid(void)
{
	/* EXERCISE 6.5 BEGIN  blank: return -ENOSYS; */
	struct process *me = current_process();
	struct job_fresh fresh;
	int result = job_fresh_alloc(&fresh);

	if (result)
		return result;
	spin_lock(&tree_lock);
	/* The number must be free as a group's: also when we are not in that group any more. */
	if (group_find(me->id)) {
		result = -EPERM;
	} else {
		job_join(me, job_new_group(me, job_new_session(me, &fresh), &fresh));
		result = me->id;
	}
	spin_unlock(&tree_lock);
	job_fresh_free(&fresh);
	return result;
	/* EXERCISE 6.5 END */
}

int tty_check_access(struct tty *tty, int sig)
{
	/* EXERCISE 6.5 BEGIN  blank: return 0; */
	struct group *mine;
	int error = 0;

	spin_lock(&tree_lock);
	mine = process_job(current_process())->group;
	/* Only the terminal that controls us cares, and its foreground may do everything. */
	if (mine->session->tty != tty || !tty->foreground || tty->foreground == mine->pid)
		goto out;
	if (signal_ignored_or_blocked(sig)) {
		error = sig == SIGTTIN ? -EIO : 0;
	} else if (group_is_orphaned(mine, NULL)) {
		error = -EIO;
	} else {
		group_signal(mine, sig);
		error = -ERESTARTSYS;
	}
out:
	spin_unlock(&tree_lock);
	return error;
	/* EXERCISE 6.5 END */
}
