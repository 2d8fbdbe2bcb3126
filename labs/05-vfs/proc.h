/*
 * procfs: a table of {name, mode, function that prints}, gathered by linker sets from all
 * modules, for the top level and for each process.
 */
#pragma once

#include "common/linkset.h"
#include "common/abi/stat.h"
#include "05-vfs/printer.h"

struct process;
struct thread;
struct path;

/*
 * /proc/NAME; name may contain slashes ("sys/kernel/osrelease"): directories appear by themselves.
 * An entry with mode 0 is an empty directory, for something to be mounted on.
 */
struct proc_entry {
	const char *name;
	u32 mode;			/* permissions; or S_IFLNK: print gives the target */
	int (*print)(struct printer *p);		/* 0 or errno */
	/*
	 * Text written in one write(2), terminated, without the trailing newline: 0 or errno. NULL:
	 * not writable.
	 */
	int (*write)(char *text);
};
#define PROC_ENTRY(ident, ...)		\
	static LINKSET(proc_entries, 50, const struct proc_entry,		\
		       proc_entry_##ident) = { __VA_ARGS__ }

/*
 * /proc/PID/NAME and /proc/PID/task/TID/NAME. t is the thread meant, for a process its leader; NULL
 * if that has ended (a zombie). Names may contain slashes too ("ns/pid").
 */
struct proc_pid_entry {
	const char *name;
	u32 mode;			/* permissions; or S_IFLNK */
	int (*print)(struct process *p, struct thread *t, struct printer *out);
	int (*write)(struct process *p, struct thread *t, char *text);
	/*
	 * A magic link: where it leads, with references; its text is that path's unless print is
	 * given.
	 */
	int (*follow)(struct process *p, struct thread *t, struct path *path);
	bool owner_only;		/* who may not ptrace gets -EACCES when opening */
};
#define PROC_PID_ENTRY(ident, ...)		\
	static LINKSET(proc_pid_entries, 50, const struct proc_pid_entry,		\
		       proc_pid_entry_##ident) = { __VA_ARGS__ }

/* What only lab 06 knows of a process, for stat and status; it sets the function. */
struct proc_job {
	int pgrp, session, tty_nr, tpgid;
	u64 pending, blocked, ignored, caught;	/* signals */
};
extern void (*proc_job_info)(struct process *p, struct thread *t, struct proc_job *out);
