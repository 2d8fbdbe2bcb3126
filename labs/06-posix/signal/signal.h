/*
 * Signals: POSIX.1-2017 XSH 2.4, signal(7).
 *
 * A signal is *generated* for a process or for one thread (send.c), becomes *pending* in one of
 * two queues, and is *delivered* when a thread that does not block it returns to user mode
 * (deliver.c): nowhere else, so no kernel code is ever interrupted halfway. Until then a pending
 * signal does only two things: it sets WORK_SIGNAL and ends interruptible waits.
 *
 * A process has handlers (struct sighand, shared by CLONE_SIGHAND), a queue of signals for "any
 * thread", and the state of a job-control stop (struct process_signals); a thread has a mask and a
 * queue of its own (struct thread_signals). One spinlock per process protects all of it, and is
 * taken from interrupts, too (timers).
 *
 * The life of a signal, and where to read of it:
 *
 *	kill, a fault, a timer ...	sys_kill.c, restart.c, itimer.c, posix_timer.c
 *	generated: dropped? queued?	send.c
 *	pending				pending.c
 *	taken without a handler		sys_action.c (sigtimedwait), signalfd.c
 *	taken on the way to user mode	deliver.c: default action, stop (stop.c), or handler
 *	the handler's frame		frame.c, fpu.c
 *	the call that it interrupted	restart.c
 *
 * Locks from outside to inside: tree_lock (who is in a group, who is whose parent),
 * process_signals.lock, sighand.lock. A signal is often sent with tree_lock held, so nothing here
 * asks for tree_lock with process_signals.lock held: it is let go first (deliver.c).
 */
#pragma once

#include "common/abi/signal.h"
#include "02-usermode/process.h"
#include "02-usermode/timer.h"

/* Bit sig - 1, as in the user's sigset_t: there is no signal 0, and 64 just fit. */
#define SIGMASK(sig)	(1UL << ((sig) - 1))
#define VALID_SIGNAL(sig) ((sig) >= 1 && (sig) <= NSIG)

/*
 * What SIG_DFL means for each signal: stop, nothing, death with a core file; the others just kill.
 */
#define SIGSET_UNBLOCKABLE	(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP))
#define SIGSET_STOP	(SIGMASK(SIGSTOP) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) | SIGMASK(SIGTTOU))
#define SIGSET_IGNORE	(SIGMASK(SIGCONT) | SIGMASK(SIGCHLD) | SIGMASK(SIGWINCH) | SIGMASK(SIGURG))
#define SIGSET_CORE	(SIGMASK(SIGQUIT) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP) | SIGMASK(SIGABRT) | \
			 SIGMASK(SIGFPE) | SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGSYS) | \
			 SIGMASK(SIGXCPU) | SIGMASK(SIGXFSZ))
/* Faults of the thread itself: taken before everything else. */
#define SIGSET_SYNCHRONOUS (SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP) | \
			 SIGMASK(SIGFPE) | SIGMASK(SIGSYS))

/* Handlers; may belong to several processes. */
struct sighand {
	refcount_t refs;
	/* RANK_SIGNAL, taken inside process_signals.lock; protects: */
	struct spinlock lock;
	struct sigaction action[NSIG + 1];	/* by signal number; [0] is unused */
};

/* Signals waiting to be taken. */
struct sigpending {
	/* bit sig - 1: pending, with or without an entry in the queue */
	u64 set;
	struct list_head queue;		/* struct sigqueue, in order of arrival */
};

struct sigqueue {
	struct list_head link;
	struct siginfo info;
	struct posix_timer *timer;	/* preallocated: belongs to that timer, never freed by us */
};

struct process_signals {		/* process part */
	struct process *process;
	/* RANK_SIGNAL; protects this and the thread_signals below: */
	struct spinlock lock;
	struct sighand *sighand;	/* changes only in exec */
	struct sigpending shared;
	struct list_head threads;	/* thread_signals.link: those alive */
	unsigned queued;		/* sigqueue entries, against RLIMIT_SIGPENDING */
	/* real user number when a thread last stopped or exited, for SIGCHLD */
	unsigned uid;
	bool unkillable;		/* init: default actions do not apply */

	/* job-control stop */
	bool stopped;			/* all threads are (about to be) stopped */
	bool stop_reported;		/* the parent has been told */
	int stop_signal;
	int stop_remaining;		/* threads that have yet to stop */
	/* CLD_STOPPED or CLD_CONTINUED to tell the parent, 0: nothing */
	int notify;

	struct wait_queue signalfd;	/* readers of signalfds: a signal was generated */

	/* timers (itimer.c, cpu_limit.c, posix_timer.c) */
	struct itimer {
		struct timer timer;
		u64 expires, interval;	/* ns: monotonic clock, or of CPU time; 0: off */
		struct process *process;
		int which;		/* ITIMER_ */
	} itimers[3];
	struct timer cpu_limit;		/* looks whether RLIMIT_CPU is reached */
	bool exiting;			/* cpu_limit is not to be started any more */
	struct list_head posix_timers;	/* posix_timer.link */
	unsigned timers;		/* how many; against RLIMIT_SIGPENDING */
	int next_timer_id;
};

struct thread_signals {			/* thread part */
	struct thread *thread;
	struct list_head link;		/* process_signals.threads */
	u64 blocked;			/* written by the owner only */
	struct sigpending pending;
	bool stop_pending;		/* join the process's stop */
	u64 waiting;			/* sigtimedwait: signals it is asleep for */

	/* owner only */
	u64 saved_mask;			/* the mask to go back to after sigsuspend, ppoll, ... */
	bool restore_mask;
	stack_t altstack;
	u64 fault_error, fault_vector, fault_address;	/* of the last fault, for sigcontext */
};

extern struct part process_signals_part, thread_signals_part;

static inline struct process_signals *process_signals(struct process *p)
{
	return process_part(p, process_signals_part, struct process_signals);
}

/* The current thread's; others' only with process_signals.lock held (NULL when it has exited). */
static inline struct thread_signals *thread_signals(struct thread *t)
{
	return thread_part(t, thread_signals_part, struct thread_signals);
}

/* ---- generation (send.c) ---- */

/* A siginfo for a signal that the kernel, or the current process by kill(2), sends. */
void siginfo_kernel(struct siginfo *info, int sig, int code);
void siginfo_user(struct siginfo *info, int sig, int code);

/*
 * Generate info->si_signo for process p, or for its thread t if t is not NULL. info is copied. 0,
 * or -EAGAIN when a realtime signal cannot be queued (RLIMIT_SIGPENDING). Any context that holds no
 * lock from RANK_PROCESS on.
 */
int signal_send(struct process *p, struct thread *t, const struct siginfo *info);
/* The usual short form: SI_KERNEL, process-directed. */
void signal_send_kernel(struct process *p, int sig);
/* To the current thread: SIGPIPE, SIGXFSZ: as if by tgkill(2) to oneself. */
void signal_send_self(int sig);
/*
 * A fault of the current thread: delivered even if blocked or ignored, by killing the process then.
 */
void signal_force(const struct siginfo *info);
/* Queue an entry that was allocated before (a timer's); true if it was not queued yet. */
bool signal_send_queued(struct process *p, struct thread *t, struct sigqueue *q);

/* Recompute the current thread's WORK_SIGNAL after its mask or its queues changed.
 * process_signals.lock held. */
void signal_recalc(struct process_signals *ps, struct thread_signals *ts);
/* Signals of `mask` pending for the process: make sure that a thread that takes them knows. Lock
 * held. */
void signal_retarget(struct process_signals *ps, u64 mask);
/* Change the current thread's mask. */
void signal_set_blocked(u64 mask);
/* Is a signal pending that the current thread would take? */
bool signal_pending(void);
/* What ps's process does about sig. Lock not held. */
struct sigaction signal_action(struct process_signals *ps, int sig);
/* Does the current thread block or ignore sig: for SIGTTOU and SIGTTIN. */
bool signal_ignored_or_blocked(int sig);

/* ---- queues (pending.c) ---- */

void sigpending_init(struct sigpending *s);
/* Add info; 0 or -EAGAIN. Lock held. */
int sigpending_add(struct process_signals *ps, struct sigpending *s, const struct siginfo *info);
/* Take signal sig out of s: its siginfo. Lock held. */
void sigpending_take(struct process_signals *ps, struct sigpending *s, int sig,
		     struct siginfo *info);
/* Drop all signals in mask. Lock held. */
void sigpending_flush(struct process_signals *ps, struct sigpending *s, u64 mask);
/* Number of the signal to take first from set (synchronous ones, then the lowest), 0 if empty. */
int sigset_first(u64 set);
/*
 * The current thread takes a signal of `set` from its own queue or else the process's: its number,
 * or 0. Lock held.
 */
int signal_dequeue(struct process_signals *ps, struct thread_signals *ts, u64 set,
		   struct siginfo *info);
struct sigqueue *sigqueue_alloc(void);
void sigqueue_free(struct sigqueue *q);

/* ---- stop and continue (stop.c) ---- */

/* The current thread took a stop signal: stop all threads. Lock held. */
void signal_start_stop(struct process_signals *ps, int sig);
/* The current thread stops (ts->stop_pending) until SIGCONT or death. No lock held. */
void signal_stop_here(struct process_signals *ps, struct thread_signals *ts);
/* SIGCONT, or SIGKILL, was generated: wake everybody. Lock held. */
void signal_end_stop(struct process_signals *ps, bool notify);
/* Tell the parent what ps->notify says; no lock held. */
void signal_notify_parent(struct process *p);
/* The thread leaves: it no longer counts among those that have to stop. Lock held. True: tell the
 * parent. */
bool signal_leave_stop(struct process_signals *ps, struct thread_signals *ts);

/* ---- delivery (deliver.c, frame.c, restart.c) ---- */

/* WORK_SIGNAL: take and act on signals until none is left or a handler is set up. */
void signal_deliver(struct trapframe *f);
/* Adjust rax and rip of an interrupted system call. act: the handler about to run, or NULL. */
void signal_restart(struct trapframe *f, const struct sigaction *act);
/* Build the handler's frame on the user's stack and point f at the handler: 0 or -EFAULT. */
int signal_setup_frame(struct trapframe *f, const struct sigaction *act, const struct siginfo *info,
		       u64 old_mask);
/* Undo it (rt_sigreturn): 0, or -EFAULT if the frame is bad. */
int signal_return(struct trapframe *f);
/* The user's FPU state to the frame at `area`, and from there (0: initial state): 0 or -EFAULT. */
size_t signal_fpu_size(void);
int signal_save_fpu(u64 area);
int signal_restore_fpu(u64 area);

/* Whether sp lies in the alternate stack; whether its owner counts as running on it: never one that
 * SS_AUTODISARM takes away while a handler runs. */
bool altstack_spans(const struct thread_signals *ts, u64 sp);
bool altstack_contains(const struct thread_signals *ts, u64 sp);
/* What uc_stack is to say; take it from there. */
void altstack_save(struct thread_signals *ts, u64 sp, stack_t *st);
int altstack_set(struct thread_signals *ts, const stack_t *st, u64 sp, size_t min_size);

/* Temporarily use another mask, for ppoll and the like; the old one is restored on return to user
 * mode. */
int signal_swap_mask(const u64 __user *mask, size_t size);
/* After the call: keep the new mask until delivery if interrupted, else go back at once. */
void signal_unswap_mask(bool interrupted);

/* ---- permission (sys_kill.c) ---- */

/* May the current thread send sig to p: 0 or -EPERM. */
int signal_permitted(struct process *p, int sig);
/* kill(2) to a group with tree_lock held: counts. */
int signal_send_group(int pgid, const struct siginfo *info, bool check);

/* ---- timers ---- */
void itimers_init(struct process_signals *ps);
void itimers_exit(struct process_signals *ps);

/*
 * RLIMIT_CPU (cpu_limit.c). Start watching p's CPU time if it has a limit; any context, takes
 * process_signals.lock. After cpu_limit_exit(), which waits, nothing of it runs.
 */
void cpu_limit_init(struct process_signals *ps);
void cpu_limit_start(struct process *p);
void cpu_limit_exit(struct process_signals *ps);

#define CPU_CHECK_NS	(10 * NSEC_PER_MSEC)	/* finest step at which CPU time is looked at */

/*
 * How long (ns) nothing has to be looked at if CPU time is to go from `now` to `then` (ns): it
 * advances at most as fast as the clock times the number of CPUs.
 */
static inline u64 cpu_time_wait(u64 now, u64 then)
{
	return MAX(then > now ? (then - now) / cpu_count : 0, CPU_CHECK_NS);
}
void posix_timers_exit(struct process_signals *ps);
/* A timer's entry was taken from a queue: account overruns, start it again. Lock held. */
void posix_timer_delivered(struct posix_timer *t, struct siginfo *info);
void posix_timer_dropped(struct posix_timer *t);
