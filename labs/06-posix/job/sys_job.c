/*
 * System calls about groups and sessions: setpgid(2), getpgid(2), getpgrp(2), setsid(2), getsid(2).
 * The rules are in control.c.
 *
 * Asking is allowed about everybody, also in another session: POSIX would let getsid(2) and
 * getpgid(2) refuse that (EPERM), Linux does not.
 */
#include "06-posix/job/job.h"
#include "03-syscalls/syscall.h"

SYSCALL2(109, setpgid, int, pid, int, pgid)
{
	return job_setpgid(pid, pgid);
}

SYSCALL0(112, setsid)
{
	return job_setsid();
}

/* What `ask` says about process pid (0: the caller), or -ESRCH. */
static int ask_about(int pid, int (*ask)(struct process *p))
{
	struct process *p = process_find_any(pid ? pid : current_process()->id);
	int id;

	if (!p)
		return -ESRCH;
	spin_lock(&tree_lock);
	id = process_job(p) && process_job(p)->group ? ask(p) : -ESRCH;
	spin_unlock(&tree_lock);
	process_put(p);
	return id;
}

SYSCALL1(121, getpgid, int, pid)
{
	return ask_about(pid, process_group_id);
}

SYSCALL0(111, getpgrp)
{
	return ask_about(0, process_group_id);
}

SYSCALL1(124, getsid, int, pid)
{
	return ask_about(pid, process_session_id);
}
