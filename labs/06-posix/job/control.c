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

/*
 * Both a shell and its new child call setpgid(2) for the child, because neither knows who runs
 * first: the child must be in its group before it reads the terminal, and the shell must be able
 * to hand the group the terminal. Hence the rules: oneself, or a child that is still running our
 * own program (before its exec nobody but us can have expectations of where it is).
 */
/* setpgid(2): p, which is in a group, goes into group pgid; 0 or errno. tree_lock held. */
static int move(struct process *p, int pgid, struct job_fresh *fresh)
{
	/* EXERCISE 6.5: your code here. */
	exercise_blank("6.5");
	return -ENOSYS;
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
	/* EXERCISE 6.5: your code here. */
	exercise_blank("6.5");
	return -ENOSYS;
}

int tty_check_access(struct tty *tty, int sig)
{
	/* EXERCISE 6.5: your code here. */
	exercise_blank("6.5");
	return 0;
}
