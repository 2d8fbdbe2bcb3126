/*
 * Sending signals: kill(2), tkill(2), tgkill(2), rt_sigqueueinfo(2), rt_tgsigqueueinfo(2), pidfds
 * aside. Signal 0 only asks whether one might.
 *
 * Who may (kill(2)): the real or effective user must be the target's real or saved user. Not its
 * effective one: a set-user-ID program that has taken root's rights for a moment is still its
 * caller's to interrupt, and one that has given them up for a moment is not somebody else's.
 * SIGCONT is allowed within the session, so that a shell can continue a job that has changed its
 * user.
 *
 * A process is found by number and held by reference while the signal is sent. It may end
 * meanwhile: a signal to a zombie is delivered to nobody, and no error.
 */
#include "06-posix/signal/signal.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "03-syscalls/syscall.h"
#include "06-posix/job/job.h"

/* Called with tree_lock held (a signal to a group) and without (one to a process). */
static bool same_session(struct process *p)
{
	struct job *a, *b;
	bool same;

	if (!spin_held(&tree_lock)) {
		spin_lock(&tree_lock);
		same = same_session(p);
		spin_unlock(&tree_lock);
		return same;
	}
	a = process_job(current_process());
	b = process_job(p);
	return a && b && a->group && b->group && a->group->session == b->group->session;
}

/* The credentials of p: those of one of its threads, with a reference; NULL for a zombie. */
static const struct cred *process_cred(struct process *p)
{
	const struct cred *c = NULL;

	spin_lock(&p->lock);
	if (!list_empty(&p->threads))
		c = thread_cred(list_first_entry(&p->threads, struct thread, process_link));
	spin_unlock(&p->lock);
	return c;
}

int signal_permitted(struct process *p, int sig)
{
	const struct cred *me = current_cred(), *his;
	bool ok;

	if (p == current_process() || cred_has_cap(me, CAP_KILL))
		return 0;
	if (sig == SIGCONT && same_session(p))
		return 0;
	his = process_cred(p);
	if (!his)
		return 0;	/* a zombie: nothing will happen anyway */
	ok = me->euid == his->suid || me->euid == his->uid ||
	     me->uid == his->suid || me->uid == his->uid;
	cred_put(his);
	return ok ? 0 : -EPERM;
}

/* 0, -EPERM, -EAGAIN; t: to this thread alone, or NULL. */
static int send_checked(struct process *p, struct thread *t, const struct siginfo *info)
{
	int error = signal_permitted(p, info->si_signo);

	if (error || !info->si_signo)
		return error;
	return signal_send(p, t, info);
}

/* To all members: 0 if at least one could be signalled, else -EPERM; -ESRCH without members. */
int signal_send_group(int pgid, const struct siginfo *info, bool check)
{
	struct group *g = group_find(pgid);
	int result = -ESRCH, error;
	struct job *j;

	if (!g)
		return -ESRCH;
	list_for_each_entry(j, &g->members, link) {
		if (check)
			error = send_checked(j->process, NULL, info);
		else
			error = signal_send(j->process, NULL, info);
		if (result)
			result = error;
	}
	return result;
}

/* kill(-1): everybody but init and the caller; it is no error that some may not be signalled. */
static int send_all(const struct siginfo *info)
{
	struct process *p, *me = current_process();
	int result = 0, error, nr;
	bool found = false;

	for (nr = 2; (p = process_next(nr)); process_put(p)) {
		nr = p->id + 1;
		if (p == me)
			continue;
		found = true;
		error = send_checked(p, NULL, info);
		if (error != -EPERM)
			result = error;
	}
	return found ? result : -ESRCH;
}

static int kill_process(int pid, const struct siginfo *info)
{
	struct process *p = process_find_any(pid);
	int error;

	if (!p)
		return -ESRCH;
	error = send_checked(p, NULL, info);
	process_put(p);
	return error;
}

/* What the sign of pid means: kill(2). The smallest int has no positive counterpart. */
static int kill_something(int pid, const struct siginfo *info)
{
	int error;

	if (pid > 0)
		return kill_process(pid, info);
	if (pid == -1)
		return send_all(info);
	if (pid == -0x7fffffff - 1)
		return -ESRCH;
	spin_lock(&tree_lock);
	if (pid == 0)
		pid = -process_group_id(current_process());
	error = signal_send_group(-pid, info, true);
	spin_unlock(&tree_lock);
	return error;
}

/* 0 is none, but may be "sent". */
static bool bad_signal(int sig)
{
	return sig < 0 || sig > NSIG;
}

SYSCALL2(62, kill, int, pid, int, sig)
{
	struct siginfo info;

	if (bad_signal(sig))
		return -EINVAL;
	siginfo_user(&info, sig, SI_USER);
	return kill_something(pid, &info);
}

/* tgid 0: of any process. */
static int send_to_thread(int tgid, int tid, const struct siginfo *info)
{
	struct thread *t = thread_find(tid);
	int error = -ESRCH;

	if (!t)
		return -ESRCH;
	if (!tgid || t->process->id == tgid)
		error = send_checked(t->process, t, info);
	thread_put(t);
	return error;
}

SYSCALL3(234, tgkill, int, tgid, int, tid, int, sig)
{
	struct siginfo info;

	if (tgid <= 0 || tid <= 0 || bad_signal(sig))
		return -EINVAL;
	siginfo_user(&info, sig, SI_TKILL);
	return send_to_thread(tgid, tid, &info);
}

SYSCALL2(200, tkill, int, tid, int, sig)
{
	struct siginfo info;

	if (tid <= 0 || bad_signal(sig))
		return -EINVAL;
	siginfo_user(&info, sig, SI_TKILL);
	return send_to_thread(0, tid, &info);
}

/* A siginfo of the program's own making: it must not pretend to come from the kernel or from
 * kill(2). */
static int import_siginfo(struct siginfo *info, int sig, int target,
			  const struct siginfo __user *user)
{
	if (copy_from_user(info, user, sizeof(*info)))
		return -EFAULT;
	if (bad_signal(sig))
		return -EINVAL;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) && target != current_process()->id)
		return -EPERM;
	return 0;
}

/* sigqueue(3) fills in SI_QUEUE, its own number and user, and the value. */
SYSCALL3(129, rt_sigqueueinfo, int, pid, int, sig, const struct siginfo __user *, user)
{
	struct siginfo info;
	int error = import_siginfo(&info, sig, pid, user);

	return error ? error : kill_process(pid, &info);
}

SYSCALL4(297, rt_tgsigqueueinfo, int, tgid, int, tid, int, sig, const struct siginfo __user *, user)
{
	struct siginfo info;
	int error = import_siginfo(&info, sig, tgid, user);

	if (error)
		return error;
	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	return send_to_thread(tgid, tid, &info);
}
