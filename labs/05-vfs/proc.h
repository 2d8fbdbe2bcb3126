/*
 * procfs: a table of {name, mode, function that prints}, gathered by linker sets from all
 * modules, for the top level and for each process.
 */
#pragma once

#include "common/linkset.h"
#include "05-vfs/printer.h"

struct process;
struct thread;
struct path;
struct iov_iter;

/* /proc/NAME; name may contain slashes ("sys/kernel/osrelease"): directories appear by themselves. */
struct proc_entry {
	const char *name;
	u32 mode;			/* S_IFREG, or S_IFLNK: print gives the target */
	int (*print)(struct printer *p);		/* 0 or errno */
	/* Text written in one write(2), terminated, without the trailing newline; NULL: not writable. 0 or errno. */
	int (*write)(char *text);
};
#define PROC_ENTRY(ident, ...)							\
	static LINKSET(proc_entries, 50, const struct proc_entry, proc_entry_##ident) = { __VA_ARGS__ }

/* /proc/PID/NAME and /proc/PID/task/TID/NAME (p's thread t). */
struct proc_pid_entry {
	const char *name;
	u32 mode;
	int (*print)(struct process *p, struct thread *t, struct printer *out);
	int (*write)(struct process *p, struct thread *t, char *text);
	int (*follow)(struct process *p, struct thread *t, struct path *path);	/* magic link; print gives its text if NULL path name */
	bool owner_only;		/* ptrace-like permission: same uid or CAP_SYS_PTRACE, else -EACCES */
};
#define PROC_PID_ENTRY(ident, ...)						\
	static LINKSET(proc_pid_entries, 50, const struct proc_pid_entry, proc_pid_entry_##ident) = { __VA_ARGS__ }
