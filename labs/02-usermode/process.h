/*
 * Processes: an address space, a set of threads, and parts.
 *
 * struct process and struct thread know nothing of files, credentials or
 * signals. A subsystem that keeps state per process or per thread registers a
 * `part`; its state hangs in the parts array by the slot number that the part
 * gets at boot. clone, exec and exit go through all parts in order.
 */
#pragma once

#include "common/linkset.h"
#include "02-usermode/mutex.h"
#include "02-usermode/thread.h"

struct exec;		/* 04-elf/exec.h */
struct printer;		/* 05-vfs/printer.h: text that grows, for /proc */

/* A number of a process, thread, process group or session; it is not reused while anybody holds it.
 */
struct pid {
	int nr;
	refcount_t refs;
	struct thread *thread;		/* RANK_PID; NULL once released */
	struct process *process;	/* the process whose id this is, or NULL */
	void *group, *session;		/* 06's: who uses this number as pgid, sid */
	struct pid *hash_next;
};

#define PID_MAX		32768	/* like Linux's default kernel.pid_max */

struct pid *pid_alloc(void);	/* a fresh number, or NULL when all are in use or memory is short */
void pid_get(struct pid *p);
void pid_put(struct pid *p);
struct pid *pid_find(int nr);	/* with a reference, or NULL */
/* The process / thread with that number, with a reference, or NULL. */
struct process *process_find(int nr);
struct thread *thread_find(int tid);
/*
 * The process with that number, or of the thread with that number, with a reference, or NULL: for
 * calls that mean a process and are content with any of its threads (kill, getpgid, prlimit).
 */
struct process *process_find_any(int nr);
/* The process with the smallest number >= nr, with a reference, or NULL: for /proc and kill(-1). */
struct process *process_next(int nr);
int process_count(void);
u64 process_clones(void);	/* processes and threads made since boot */
int thread_count(void);

enum process_state { PROCESS_ALIVE, PROCESS_ZOMBIE, PROCESS_REAPED };

struct process {
	refcount_t refs;
	struct pid *pid;
	int id;				/* == pid->nr */
	/* set at birth and by exec; current->mm is the same or NULL in exit */
	struct mm *mm;
	struct mutex exec_lock;		/* RANK_EXEC: exec, and who must not see it half done */

	struct spinlock lock;		/* RANK_PROCESS; protects: */
	struct list_head threads;
	int thread_count;		/* alive */
	enum process_state state;
	/* exit_group or fatal signal: all threads are being killed */
	bool exiting;
	struct thread *sole;		/* exec: the thread that kills the others and stays */
	int exit_status;		/* wait status */
	struct wait_queue threads_gone;	/* woken as threads exit */

	/* totals of threads that have exited (under lock); live ones are added on demand */
	u64 user_ns, system_ns, minor_faults, major_faults, voluntary_switches,
		involuntary_switches;
	u64 start_time;
	u64 max_rss_pages;
	char name[16];			/* of the leader, for messages */
	/* nobody will wait for it: release the number at exit (default) */
	bool reaped_by_itself;
	bool did_exec;			/* for setpgid(2) */

	void *parts[MAX_PARTS];		/* process-scope parts, by slot */
};

static inline struct process *current_process(void)
{
	return current->process;
}

extern struct process *kernel_process;	/* owns kernel threads; number 0 */
extern struct process *init_process;	/* number 1; NULL until it exists */

void process_get(struct process *p);
void process_put(struct process *p);

/* Linux's clone_args (clone3(2)), plus where a copied parent's registers are. */
struct clone {
	u64 flags;			/* CLONE_ */
	int exit_signal;
	u64 stack;			/* new user rsp, 0: the parent's */
	u64 tls;
	int __user *parent_tid, *child_tid, *pidfd;
	u64 set_tid, set_tid_size, cgroup;
	const struct trapframe *frame;	/* the parent's user registers */
	struct process *child_process;	/* result: process of the child */
};

/*
 * A part: state of one subsystem per thread or per process. Operations may be NULL. `current` is
 * the parent in clone, the affected thread in exec and thread_exit.
 */
struct part {
	const char *name;
	enum part_scope { PART_THREAD, PART_PROCESS } scope;
	int slot;		/* filled at boot */
	u64 clone_flags;	/* flags this part understands; a flag nobody claims is -EINVAL */
	/* Refuse bad combinations before anything is done: 0 or -EINVAL. */
	int (*check)(const struct clone *c);
	/*
	 * Give the child its state (thread scope: each clone; process scope: new processes only).
	 * Parent is `current`, or a kernel thread without state for the first process. 0 or
	 * negative errno.
	 */
	int (*clone)(struct thread *child, struct clone *c);
	/* A later part failed: undo clone. Not called if own clone failed. */
	void (*undo)(struct thread *child);
	/* All parts succeeded; nothing can fail any more; child not yet running. */
	void (*clone_commit)(struct thread *child, struct clone *c);
	int (*exec_prepare)(struct exec *x);	/* may fail: nothing visible changed yet */
	void (*exec_commit)(struct exec *x);	/* may not */
	/* The current thread ends. Its mm is still there; may sleep. */
	void (*thread_exit)(struct thread *t);
	/*
	 * The last thread of p (current) ends; its address space is already gone. Reverse order.
	 * May sleep.
	 */
	void (*exit)(struct process *p);
	/* p's last reference goes: free what hangs in the slot. */
	void (*free)(struct process *p);
	/* Lines for /proc/PID/status. */
	void (*show)(struct process *p, struct printer *out);
};

/*
 * Registers a part; order (two digits) as in docs/extension-points.md. `var` is a struct part, not
 * const.
 */
#define PART(order, var) static LINKSET(parts, order, struct part *const, part_ptr_##var) = &var

void parts_init(void);		/* number the slots; INITCALL order 30 */

/* The part's state in t (or t's process); `type` is the pointed-to type. */
#define thread_part(t, part, type)	((type *)(t)->parts[(part).slot])
#define process_part(p, part, type)	((type *)(p)->parts[(part).slot])

/*
 * Make a new thread, in a new process unless CLONE_THREAD; not started. mm is shared with CLONE_VM,
 * else made by mm_clone(). Returns the thread (for thread_start(), which consumes nothing: the
 * caller holds no reference) or ERR_PTR: -EINVAL, -EAGAIN (limits, numbers), -ENOMEM, what parts
 * return.
 */
struct thread *process_clone(struct clone *c);

/*
 * A process with an empty address space and without user registers; its parts are cloned from
 * nothing. Called by a kernel thread. The thread is not started (thread_begin()). ERR_PTR as
 * process_clone().
 */
struct thread *process_create(const char *name);
/* The same for init: sets init_process; its number is 1 if it is the first. */
struct thread *process_create_first(const char *name);
/*
 * Start t, made by process_create(), with kernel code: fn(arg) runs in it and sets up
 * current->frame (or calls thread_exit()); when it returns, the thread goes to user mode.
 */
void thread_begin(struct thread *t, void (*fn)(void *arg), void *arg);

/* Kill all threads of the current process and leave: exit_group(2). status: wait status. */
void process_exit(int status) __noreturn;
/*
 * Begin killing p's threads from outside (fatal signal, out of memory). Any context without
 * p->lock.
 */
void process_kill(struct process *p, int status);
/*
 * Kill all other threads of the current process and wait until they are gone (exec): 0, or -EAGAIN
 * if the process is exiting or another thread does the same. The current thread then takes over the
 * leader's number.
 */
int process_become_single(void);
/* A zombie has been waited for: take it out of the number table and drop the table's reference. */
void process_release(struct process *p);

void process_times(struct process *p, u64 *user_ns, u64 *system_ns);
/* Calls fn for each live thread with p->lock held. */
void process_for_each_thread(struct process *p, void (*fn)(struct thread *t, void *arg), void *arg);

/*
 * Weak hook 1: a fault in user mode that nobody could handle. 02: prints a line and kills the
 * process with the signal as status; 06: sends the signal. `code` is si_code, `addr` si_addr.
 */
void unhandled_user_fault(struct trap *t, int signo, int code, u64 addr);

/*
 * Work on the way back to user mode: linker set. Functions run with interrupts on, may sleep, in
 * order.
 */
struct user_work {
	u64 bit;
	void (*fn)(struct trapframe *f);
};
#define USER_WORK(order, bit, fn)						\
	static LINKSET(user_work, order, const struct user_work, user_work_##fn) = { bit, fn }
