/*
 * Job control: process groups and sessions (POSIX.1-2017 XBD 11.1.1 to 11.1.4; credentials(7)).
 *
 * A session is what one login starts: a shell and everything it runs. A process group is one job,
 * a pipeline. The session may have a controlling terminal; at most one of its groups is in the
 * foreground there, and only that one may read it and gets its ^C.
 *
 * What these are for: a shell has to say "all of this pipeline" (kill, wait, ^C) and "this one,
 * not those" (who may read the keyboard). The kernel knows nothing of pipelines. It has sets of
 * processes with a number each, inherited by fork, and a handful of rules about who may change
 * them.
 *
 * Everything here is protected by tree_lock (03-syscalls/family.h), a spinlock, because a signal
 * to a group, a death and a change of parents all have to see one state of all these lists.
 */
#pragma once

#include "02-usermode/process.h"
#include "03-syscalls/family.h"

struct tty;

struct session {
	/* held; pid->session is this; NULL: number 0, the first process's */
	struct pid *pid;
	int id;
	struct process *leader;		/* NULL once it has exited */
	struct tty *tty;		/* controlling terminal, or NULL */
	/* held: in the foreground when the terminal was hung up; told when the leader ends */
	struct pid *old_foreground;
	struct list_head groups;	/* group.session_link; empty: the session dies */
};

struct group {
	struct pid *pid;		/* held; pid->group is this; NULL: number 0 */
	int id;
	struct session *session;
	struct list_head session_link;
	struct list_head members;	/* job.link */
};

struct job {				/* process part */
	struct process *process;
	struct group *group;		/* NULL once the process has been reaped */
	struct list_head link;
	struct wait_queue ended;	/* the process has become a zombie (pidfd.c) */
};

/*
 * The part stays until the last reference to the process goes, the group only until the process is
 * reaped: so whoever holds a process checks j->group, with tree_lock held. Only for oneself it is
 * never NULL.
 */
extern struct part job_part;

static inline struct job *process_job(struct process *p)
{
	return process_part(p, job_part, struct job);
}

/* Numbers of p's group (family.h declares it too) and session, 0 without. tree_lock held. */
int process_group_id(struct process *p);
int process_session_id(struct process *p);

/* The group with that number, or NULL. tree_lock held. */
struct group *group_find(int id);
/* Send a signal to all members. tree_lock held. */
void group_signal(struct group *g, int sig);
/*
 * An orphaned group has no member whose parent is in another group of the same session: nobody is
 * left who could continue it. `leaving` (may be NULL) counts as gone. tree_lock held.
 */
bool group_is_orphaned(struct group *g, struct process *leaving);
bool group_has_stopped(struct group *g);
/* Is the current process's group orphaned? Takes tree_lock. */
bool current_group_orphaned(void);

/* The moves that setpgid(2) and setsid(2) make; exercise 6.5: 0 or the new number, or errno. */
int job_setpgid(int pid, int pgid);
int job_setsid(void);

/* The terminal's side of job control (exercise 6.5; the rest in tty/job_control.c). */
/*
 * May the current process read (SIGTTIN) or change (SIGTTOU) the terminal now? 0; -ERESTARTSYS
 * after the signal has been sent to its group; -EIO if it cannot be stopped.
 */
int tty_check_access(struct tty *tty, int sig);
/* The session leader (current) dies or lets go of its terminal. No lock held; may sleep. */
void session_lose_tty(bool exiting);
