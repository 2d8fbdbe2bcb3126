/*
 * The bond between a session and its controlling terminal: made by a session leader (TIOCSCTTY, or
 * opening a terminal without O_NOCTTY), broken by TIOCNOTTY, hangup or the leader's death; and the
 * foreground group. (POSIX.1-2017 XBD 11.1.3; ioctl_tty(2), "Controlling terminal", "Process group
 * and session ID".)
 *
 * Both sides point at each other, session->tty and tty->session, and both pointers change together
 * under tree_lock (attach, tty_detach): one session has at most one terminal, one terminal at most
 * one session. The session holds a reference to the terminal; the other way a session that dies
 * has lost its terminal before, because its leader, when it ends, lets go of it.
 *
 * tree_lock is a spinlock inside tty->lock, a mutex. So no function here takes tty->lock, and
 * whoever hangs a terminal up does that first and comes here then (tty_hangup). References are
 * given back after the lock is free: the last one frees a pseudo-terminal.
 *
 * Who is told when (signal(7) does not say; Linux does): a hangup from outside is SIGHUP and
 * SIGCONT for the leader alone, a shell, which then tells its jobs or does not (nohup, disown).
 * The foreground hears of it when the leader ends. If the leader ends first, the foreground hears
 * of that.
 */
#include "06-posix/job/job.h"
#include "06-posix/signal/signal.h"
#include "06-posix/tty/tty.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/syscall.h"

/* Never NULL: a process is in a group until it has been reaped. tree_lock, or the leader asks. */
static struct session *my_session(void)
{
	return process_job(current_process())->group->session;
}

struct tty *current_tty(void)
{
	struct tty *tty;

	spin_lock(&tree_lock);
	tty = my_session()->tty;
	if (tty)
		tty_get(tty);
	spin_unlock(&tree_lock);
	return tty;
}

/* The reference that the session had is the caller's now, to put without tree_lock. */
struct tty *tty_detach(struct tty *tty)
{
	struct session *s = tty->session;

	if (!s)
		return NULL;
	s->tty = NULL;
	tty->session = NULL;
	if (tty->foreground)
		pid_put(tty->foreground);
	tty->foreground = NULL;
	return tty;
}

/* A signal to the group that is or was in the foreground, if it still exists. tree_lock held. */
static void signal_group(struct pid *pid, int sig)
{
	if (pid && pid->group)
		group_signal(pid->group, sig);
}

/* Whom to tell when the leader of s ends after a hangup; NULL: nobody. tree_lock held. */
static void set_old_foreground(struct session *s, struct pid *group)
{
	if (group)
		pid_get(group);
	if (s->old_foreground)
		pid_put(s->old_foreground);
	s->old_foreground = group;
}

static void attach(struct tty *tty, struct session *s)
{
	struct pid *group = process_job(current_process())->group->pid;

	tty_get(tty);
	pid_get(group);
	set_old_foreground(s, NULL);
	s->tty = tty;
	tty->session = s;
	tty->foreground = group;
}

/*
 * may_read: a file that can only be written is no proof that the terminal is the caller's own.
 * Others may write to it, too (mesg(1)). Asking again for what one has is no error.
 */
int tty_make_controlling(struct tty *tty, bool steal, bool may_read)
{
	struct process *me = current_process();
	struct tty *robbed = NULL;
	struct session *s;
	int error = 0;

	spin_lock(&tree_lock);
	s = my_session();
	if (s->leader == me && tty->session == s)
		goto out;
	if (s->leader != me || s->tty || !may_read) {
		error = -EPERM;
		goto out;
	}
	if (tty->session) {
		error = -EPERM;
		if (!steal)
			goto out;
		robbed = tty_detach(tty);
		error = 0;
	}
	attach(tty, s);
out:
	spin_unlock(&tree_lock);
	if (robbed)
		tty_put(robbed);
	return error;
}

struct tty *session_hung_up(struct tty *tty, bool session_exits)
{
	struct session *s = tty->session;

	if (!s)
		return NULL;
	if (session_exits) {
		signal_group(tty->foreground, SIGHUP);
	} else if (s->leader) {
		signal_send_kernel(s->leader, SIGHUP);
		signal_send_kernel(s->leader, SIGCONT);
		set_old_foreground(s, tty->foreground);
	}
	return tty_detach(tty);
}

void session_lose_tty(bool exiting)
{
	struct tty *tty = current_tty(), *detached = NULL;
	struct session *s = my_session();

	/* A pseudo-terminal's end is its master's business: who has the slave open may go on. */
	if (tty && exiting && !tty->is_pty)
		tty_hangup(tty, true);
	spin_lock(&tree_lock);
	if (tty && s->tty == tty) {
		signal_group(tty->foreground, SIGHUP);
		if (!exiting)
			signal_group(tty->foreground, SIGCONT);
		detached = tty_detach(tty);
	}
	if (exiting) {
		signal_group(s->old_foreground, SIGHUP);
		signal_group(s->old_foreground, SIGCONT);
		set_old_foreground(s, NULL);
		s->leader = NULL;
	}
	spin_unlock(&tree_lock);
	if (detached)
		tty_put(detached);
	if (tty)
		tty_put(tty);
}

int tty_give_up(struct tty *tty)
{
	struct process *me = current_process();
	bool mine, leader;

	spin_lock(&tree_lock);
	mine = my_session()->tty == tty;
	leader = my_session()->leader == me;
	spin_unlock(&tree_lock);
	if (!mine)
		return -ENOTTY;
	/* The terminal belongs to the session; others than its leader keep it. */
	if (leader)
		session_lose_tty(false);
	return 0;
}

/* any: for the master, whose owner is in another session than what runs in its window. */
long tty_get_foreground(struct tty *tty, bool any)
{
	long id = -ENOTTY;

	spin_lock(&tree_lock);
	if (any || my_session()->tty == tty)
		id = tty->foreground ? tty->foreground->nr : 0;
	spin_unlock(&tree_lock);
	return id;
}

long tty_get_session(struct tty *tty, bool any)
{
	long id = -ENOTTY;

	spin_lock(&tree_lock);
	if (tty->session && (any || my_session()->tty == tty))
		id = tty->session->id;
	spin_unlock(&tree_lock);
	return id;
}

/*
 * A shell does this for each job, and takes the terminal back after it, then itself in the
 * background: it ignores SIGTTOU to be allowed to. Who may not change the terminal and cannot be
 * stopped either (EIO of tty_check_access) gets ENOTTY, as on Linux.
 */
int tty_set_foreground(struct tty *tty, int pgid)
{
	struct group *g;
	int error = tty_check_access(tty, SIGTTOU);

	if (error)
		return error == -EIO ? -ENOTTY : error;
	if (pgid < 0)
		return -EINVAL;
	spin_lock(&tree_lock);
	g = group_find(pgid);
	if (my_session()->tty != tty) {
		error = -ENOTTY;
	} else if (!g) {
		error = -ESRCH;
	} else if (g->session != tty->session) {
		error = -EPERM;
	} else {
		struct pid *old = tty->foreground;

		pid_get(g->pid);
		tty->foreground = g->pid;
		if (old)
			pid_put(old);
	}
	spin_unlock(&tree_lock);
	return error;
}

/* getty and login call it, so that no program of the user before still has the terminal. */
SYSCALL0(153, vhangup)
{
	struct tty *tty;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty = current_tty();
	if (tty) {
		tty_hangup(tty, false);
		tty_put(tty);
	}
	return 0;
}
