/*
 * procfs: the smaller files and links of a process (proc(5)).
 */
#include "common/errno.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/mm.h"
#include "02-usermode/process.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "05-vfs/procfs/procfs.h"

/* ---- strings of the address space ---- */

/*
 * Copy [start, end) of that memory; what cannot be read is left out. Not by the reader's page
 * tables but through mm_access(): it is another's memory, whose owner may change it meanwhile. (A
 * program may also point arg_start elsewhere, prctl(2).)
 */
static int print_user_memory(struct mm *mm, vaddr_t start, vaddr_t end, struct printer *out)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	while (start < end) {
		size_t n = mm_access(mm, start, page, MIN(end - start, PAGE_SIZE), false);

		if (!n)
			break;
		print_bytes(out, page, n);
		start += n;
	}
	kfree(page);
	return 0;
}

static int print_cmdline(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);
	int error;

	if (!mm)
		return 0;
	error = print_user_memory(mm, mm->arg_start, mm->arg_end, out);
	mm_put(mm);
	return error;
}
PROC_PID_ENTRY(cmdline, "cmdline", 0444, print_cmdline);

static int print_environ(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);
	int error;

	if (!mm)
		return 0;
	error = print_user_memory(mm, mm->env_start, mm->env_end, out);
	mm_put(mm);
	return error;
}
PROC_PID_ENTRY(environ, "environ", 0400, print_environ, .owner_only = true);

static int print_auxv(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);

	if (mm) {
		print_bytes(out, mm->auxv, mm->auxv_words * sizeof(mm->auxv[0]));
		mm_put(mm);
	}
	return 0;
}
PROC_PID_ENTRY(auxv, "auxv", 0400, print_auxv, .owner_only = true);

/* ---- name ---- */

static int print_comm(struct process *p, struct thread *t, struct printer *out)
{
	print(out, "%s\n", t ? t->name : p->name);
	return 0;
}

/* Only a thread of the same process may rename it. */
static int write_comm(struct process *p, struct thread *t, char *text)
{
	if (p != current_process() || !t)
		return -EINVAL;
	strlcpy(t->name, text, sizeof(t->name));
	if (t->tid == p->id)
		strlcpy(p->name, text, sizeof(p->name));
	return 0;
}
PROC_PID_ENTRY(comm, "comm", 0644, print_comm, write_comm);

/* ---- limits ---- */

/* prlimit(2)'s "no limit" is a number too. */
static void print_limit(struct printer *out, u64 value)
{
	if (value == RLIM_INFINITY)
		print(out, "%-20s ", "unlimited");
	else
		print(out, "%-20lu ", value);
}

static int print_limits(struct process *p, struct thread *t, struct printer *out)
{
	static const struct {
		const char *name, *unit;
	} limits[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", "" },
		[RLIMIT_RTPRIO] = { "Max realtime priority", "" },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};

	print(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (int n = 0; n < RLIM_NLIMITS; n++) {
		u64 hard, soft = process_rlimit(p, n, &hard);

		print(out, "%-25s ", limits[n].name);
		print_limit(out, soft);
		print_limit(out, hard);
		print(out, "%-10s\n", limits[n].unit);
	}
	return 0;
}
PROC_PID_ENTRY(limits, "limits", 0444, print_limits);

/* ---- audit's and the scheduler's ---- */

static int print_unset_id(struct process *p, struct thread *t, struct printer *out)
{
	print(out, "%u", (u32)-1);	/* nobody logged in through an audited door */
	return 0;
}
PROC_PID_ENTRY(loginuid, "loginuid", 0444, print_unset_id);
PROC_PID_ENTRY(sessionid, "sessionid", 0444, print_unset_id);

/*
 * Where a thread sleeps would tell addresses of the kernel: always 0, as on Linux without
 * privileges.
 */
static int print_wchan(struct process *p, struct thread *t, struct printer *out)
{
	print(out, "0");
	return 0;
}
PROC_PID_ENTRY(wchan, "wchan", 0444, print_wchan);

static int print_schedstat(struct process *p, struct thread *t, struct printer *out)
{
	if (t)
		print(out, "%lu 0 %lu\n", t->run_ns,
		      t->voluntary_switches + t->involuntary_switches);
	return 0;
}
PROC_PID_ENTRY(schedstat, "schedstat", 0444, print_schedstat);

/* One user name space, in which everybody is who he is. */
static int print_id_map(struct process *p, struct thread *t, struct printer *out)
{
	print(out, "%10u %10u %10u\n", 0, 0, (u32)-1);
	return 0;
}
PROC_PID_ENTRY(uid_map, "uid_map", 0444, print_id_map);
PROC_PID_ENTRY(gid_map, "gid_map", 0444, print_id_map);

/* ---- links ---- */

/* The open program, referenced under the mm's lock; it may have been deleted since. */
static int follow_exe(struct process *p, struct thread *t, struct path *path)
{
	struct mm *mm = process_mm(p);
	int error = -ENOENT;

	if (!mm)
		return -ENOENT;
	down_read(&mm->lock);
	if (mm->exe && mm->exe->dentry) {
		*path = (struct path){ mm->exe->mount, mm->exe->dentry };
		path_get(path);
		error = 0;
	}
	up_read(&mm->lock);
	mm_put(mm);
	return error;
}
PROC_PID_ENTRY(exe, "exe", S_IFLNK, .follow = follow_exe);

/* Root and working directory belong to a thread; a zombie has none. */
static int follow_fs(struct thread *t, bool root, struct path *path)
{
	if (!t)
		return -ENOENT;
	thread_fs_path(t, root, path);
	return path->dentry ? 0 : -ENOENT;
}

static int follow_cwd(struct process *p, struct thread *t, struct path *path)
{
	return follow_fs(t, false, path);
}
PROC_PID_ENTRY(cwd, "cwd", S_IFLNK, .follow = follow_cwd);

static int follow_root(struct process *p, struct thread *t, struct path *path)
{
	return follow_fs(t, true, path);
}
PROC_PID_ENTRY(root, "root", S_IFLNK, .follow = follow_root);

/* Name spaces: there is one of each kind, with the numbers that Linux gives to the first. */
#define NAMESPACE(ident, kind, number)						\
	static int print_ns_##ident(struct process *p, struct thread *t, struct printer *out) \
	{									\
		print(out, kind ":[%lu]", number);				\
		return 0;							\
	}									\
	PROC_PID_ENTRY(ns_##ident, "ns/" #ident, S_IFLNK, print_ns_##ident)

NAMESPACE(cgroup, "cgroup", 4026531835UL);
NAMESPACE(ipc, "ipc", 4026531839UL);
NAMESPACE(mnt, "mnt", 4026531841UL);
NAMESPACE(net, "net", 4026531840UL);
NAMESPACE(pid, "pid", 4026531836UL);
NAMESPACE(user, "user", 4026531837UL);
NAMESPACE(uts, "uts", 4026531838UL);
