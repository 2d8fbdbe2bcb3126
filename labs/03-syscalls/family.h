/*
 * Parents and children: the tree of processes, zombies, and waiting for them.
 *
 * A process is alive, then a zombie (its last thread is gone, its status waits for the parent),
 * then reaped. tree_lock protects every link of the tree, so that a child that dies, a parent that
 * waits and a parent that dies see each other either before or after, never in between.
 */
#pragma once

#include "common/abi/resource.h"
#include "02-usermode/process.h"

/* One lock for the whole tree, RANK_PROCESS_TREE (06 puts groups and sessions under it too). */
extern struct spinlock tree_lock;

struct family {			/* process part */
	struct process *self;
	struct process *parent;		/* tree_lock; NULL for init's */
	struct list_head children;	/* of siblings; tree_lock */
	struct list_head sibling;
	int exit_signal;		/* sent to the parent at exit; 0: none */
	struct wait_queue child_event;	/* the parent sleeps here in wait4 */
	bool subreaper;
	bool zombie;			/* may be waited for; tree_lock */
	int pdeath_signal;		/* to be sent when the parent dies; 0: none */
	u32 uid;			/* real user number, noted at the end */
	/* stop and continue reports (06), tree_lock */
	int stop_status;		/* wait status to report, 0: none */
	bool continued;
	/* resources of waited-for children; tree_lock */
	u64 child_user_ns, child_system_ns, child_minor_faults, child_major_faults, child_max_rss;
	u64 child_voluntary_switches, child_involuntary_switches;
};

/* NULL for the kernel's process. */
struct family *process_family(struct process *p);
int process_parent_id(struct process *p);
/* Stop or continue happened: wake the parent's wait4. tree_lock not held. */
void family_notify_parent(struct process *p);
/* Take a zombie out of the tree; its parent's totals grow if `account`. tree_lock held. */
void family_unlink(struct process *child, bool account);

/*
 * What 06 replaces; weak here. child_signal(): told about a child's death, stop (CLD_*) with
 * tree_lock held; returns true if the parent ignores SIGCHLD so that the zombie reaps itself.
 * Weak: false.
 */
bool child_signal(struct process *child, int signo, int code, int status);
/* Send the child the signal it wanted at its parent's death; tree_lock held. Weak: nothing. */
void parent_death_signal(struct process *child, int signo);
/* p has been waited for: its number leaves its group. tree_lock held. Weak: nothing. */
void process_reaped(struct process *p);
/* Number of p's process group; tree_lock held. Weak: all are in group 0. */
int process_group_id(struct process *p);
/*
 * The process that a pidfd stands for, with a reference, and whether the file is O_NONBLOCK; or
 * ERR_PTR(-EBADF). Weak: that.
 */
struct pid *pid_from_fd(int fd, bool *nonblock);

/* What p has used so far, live threads included; without its children. Any lock but p->lock. */
void process_usage(struct process *p, struct rusage *r);
/* What p's waited-for children have used. tree_lock not held. */
void children_usage(struct process *p, struct rusage *r);
/* Add b to a (times, faults, switches; the larger resident size). */
void rusage_add(struct rusage *a, const struct rusage *b);

/*
 * The user word that is cleared when a thread ends, and whose futex is woken then: set by
 * set_tid_address(2) and CLONE_CHILD_CLEARTID. Lab 07 points futex_wake_word at its wake-up of
 * one waiter; NULL: nobody can wait.
 */
extern void (*futex_wake_word)(u32 __user *word);
