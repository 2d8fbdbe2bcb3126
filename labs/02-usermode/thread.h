/*
 * Threads: what the scheduler switches between. A thread belongs to a process
 * (kernel threads to kernel_process) and has a kernel stack of its own, with the
 * trapframe of its user state at the very top.
 *
 * Life: thread_create() / clone -> RUNNABLE -> (RUNNING <-> SLEEPING) -> thread_exit() -> DEAD;
 * whoever switches away from a dead thread drops the scheduler's reference; the last reference
 * frees stack and struct.
 */
#pragma once

#include "common/atomic.h"
#include "common/cpu.h"
#include "common/list.h"
#include "common/rbtree.h"
#include "common/spinlock.h"
#include "common/trap.h"
#include "02-usermode/wait.h"

struct process;
struct mm;
struct pid;

enum thread_state {
	THREAD_RUNNING,		/* running or on a run queue */
	THREAD_SLEEPING,	/* in a wait; wait_mode says what ends it */
	THREAD_STOPPED,		/* stopped by a signal (06) or a tracer */
	THREAD_DEAD,
};

/*
 * Work to do before going back to user mode (and, for the _ENTRY bits, on
 * entering a system call). Set by anyone with thread_set_work(); a linker set of user_work
 * says what each bit runs.
 */
#define WORK_RESCHED	BIT(0)	/* give up the CPU */
#define WORK_KILL	BIT(1)	/* die: exit_group or exec by another thread, or SIGKILL */
#define WORK_SIGNAL	BIT(2)	/* a signal is pending and not blocked (06) */
#define WORK_STOP	BIT(3)	/* stop for job control or a tracer */
#define WORK_NOTIFY	BIT(4)	/* deferred calls of this thread (06, 07) */
#define WORK_TRACE	BIT(8)	/* entry: print or trace system calls */
#define WORK_SECCOMP	BIT(9)	/* entry: filter */
#define WORK_INTERRUPT	(WORK_KILL | WORK_SIGNAL | WORK_STOP)	/* ends interruptible waits */
#define WORK_ENTRY	(WORK_TRACE | WORK_SECCOMP)
#define WORK_EXIT	0xffu	/* those handled on return to user mode */

#define MAX_PARTS	24	/* process.h */

struct thread {
	/* hot, and known to assembly by offset */
	u64 work;			/* WORK_ bits, changed atomically; THREAD_WORK */
	u64 ksp;			/* saved stack pointer while switched out; THREAD_KSP */
	void *stack;			/* lowest address of the kernel stack */
	struct process *process;
	/* address space in use; NULL for kernel threads, which borrow */
	struct mm *mm;

	/* protected by the run queue's lock of ->cpu */
	enum thread_state state;	/* own thread may set it to SLEEPING without the lock */
	enum wait_mode wait_mode;
	bool on_queue;			/* queued or running */
	s16 cpu;			/* where it runs or last ran */
	struct rb_node run_node;	/* in the run queue, by vruntime */
	u64 vruntime;			/* weighted CPU time used; the smallest runs next */
	u64 cpu_mask;			/* sched_setaffinity */
	s8 nice;			/* -20 .. 19 */
	u8 policy;			/* SCHED_ of common/abi/sched.h */
	u8 real_time;			/* 1 .. 99: priority of SCHED_FIFO and SCHED_RR; else 0 */
	bool reset_on_fork;		/* children do not inherit policy, priority and nice < 0 */
	bool to_tail;			/* goes behind its equals when it leaves the CPU */
	u64 slice_ns;			/* had of its slice (SCHED_RR) */
	struct list_head real_time_link; /* in the run queue, instead of run_node */

	/* CPU time, written by the CPU that runs it */
	u64 run_start;			/* clock at the last switch in */
	u64 run_ns;			/* exact total */
	u64 user_ticks, system_ticks;	/* samples that divide it */
	bool in_system;			/* what the last sample said */
	u64 told_user, told_system;	/* the most that thread_times() has said, ns; atomic */
	u64 voluntary_switches, involuntary_switches;
	u64 minor_faults, major_faults;
	u64 start_time;			/* clock_monotonic() at creation */

	/* CPU state that is not in the trapframe; owner only */
	u64 fs_base, gs_base;
	void *fpu;			/* FXSAVE or XSAVE area; NULL for kernel threads */
	struct trapframe *frame;	/* the user's registers, at the top of the stack */

	/* owner only */
	int nofault;			/* user copies must not sleep: see pagefault_disable() */
	u16 held_count;			/* sleeping locks held, for the rank checker */
	u16 held_ranks[16];
	const void *held_locks[16];

	refcount_t refs;
	struct pid *pid;		/* the thread number */
	int tid;			/* == pid->nr */
	struct list_head process_link;	/* process->threads, under process->lock */
	int exit_code;			/* wait status (wait4's) once dead */
	void *parts[MAX_PARTS];		/* thread-scope parts, by slot; process.h */
	char name[16];			/* comm */
};

#define THREAD_WORK	0
#define THREAD_KSP	8

static inline struct thread *current_thread(void)
{
	struct thread *t;

	/* constant while this thread runs, so not volatile */
	__asm__("movq %%gs:8, %0" : "=r"(t));
	return t;
}
#define current		current_thread()

/*
 * A kernel thread that runs fn(arg) and exits when it returns. Started at once. NULL if short of
 * memory. The caller gets no reference unless it asks by thread_get() before.
 */
struct thread *kthread_create(const char *name, void (*fn)(void *arg), void *arg);

/*
 * A thread of process p, not started: stack, pid, FPU area; refs 1 (the scheduler's). NULL, or
 * ERR_PTR(-EAGAIN / -ENOMEM).
 */
struct thread *thread_alloc(struct process *p, const char *name);
void thread_get(struct thread *t);
void thread_put(struct thread *t);

/* Make a new thread runnable for the first time. */
void thread_start(struct thread *t);

/*
 * End the current thread with a wait status (code << 8, or a signal number). The last one of a
 * process ends the process. Thread parts' exit operations run here.
 */
void thread_exit(int status) __noreturn;

/* Set bits of t->work and, if t runs in user mode on another CPU, interrupt it. Any context. */
void thread_set_work(struct thread *t, u64 bits);
/*
 * Wake t if it is asleep in a wait that `mode` may end (KILLABLE also ends INTERRUPTIBLE). Any
 * context.
 */
void thread_interrupt(struct thread *t, enum wait_mode mode);
/* Ask t to die: WORK_KILL, and end its killable wait or its stop. Any context. */
void thread_kill(struct thread *t);
bool thread_killed(const struct thread *t);

/* Called at every switch, with the run queue locked; NULL unless somebody traces. */
extern void (*sched_switch_hook)(const struct thread *prev, const struct thread *next);
void schedule(void);		/* give up the CPU; state says whether to stay runnable */
bool thread_wake(struct thread *t);	/* from SLEEPING or STOPPED to RUNNING; true if it was */
void thread_yield(void);	/* schedule() to another, unless all have had much more of the CPU */
/* In long kernel loops: let others run. May sleep. */
void cond_resched(void);
int thread_set_affinity(struct thread *t, u64 mask);	/* 0 or -EINVAL */
/* A policy and its priority, which the caller has checked, from now on. */
void thread_set_policy(struct thread *t, int policy, int priority, bool reset_on_fork);
/* CPU time of any thread in ns; user and system add up to all of it, and neither ever goes back. */
void thread_times(struct thread *t, u64 *user_ns, u64 *system_ns);

/* Number of runnable threads, for load averages; runs since boot for /proc/stat. */
unsigned sched_runnable(void);
u64 sched_switches(void);

/* What a CPU has spent its time with, ns; none of it ever goes back. (/proc/stat) */
struct cpu_times {
	u64 user, nice, system, idle;	/* nice: in user mode by threads of a nice value above 0 */
};
void sched_cpu_times(int cpu, struct cpu_times *times);
