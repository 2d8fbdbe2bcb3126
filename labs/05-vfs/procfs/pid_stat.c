/*
 * procfs: /proc/PID/stat, statm and status, as ps(1), top(1) and their library parse them
 * (proc(5)).
 *
 * The fields of stat have numbers there, 1 to 52; those that nothing here corresponds to are 0.
 * Counters and states are read without locks: they are of nearly the same moment, which is all
 * that a program can rely on. `t` is NULL for a zombie; what only a thread has is then left out or
 * 0.
 */
#include "common/string.h"
#include "common/abi/time.h"
#include "02-usermode/mm.h"
#include "02-usermode/parts.h"
#include "02-usermode/process.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/family.h"
#include "03-syscalls/file.h"
#include "05-vfs/proc.h"
#include "05-vfs/vfs/fs.h"

#define NS_PER_TICK	(NSEC_PER_SEC / USER_HZ)

void (*proc_job_info)(struct process *p, struct thread *t, struct proc_job *out);

static struct proc_job job_of(struct process *p, struct thread *t)
{
	struct proc_job j = { .tpgid = -1 };

	if (proc_job_info)
		proc_job_info(p, t, &j);
	return j;
}

/* One letter (proc(5)), of which ps shows the same. D: sleeps, and no signal but a kill ends it. */
static char state_of(struct process *p, struct thread *t)
{
	if (p->state != PROCESS_ALIVE || !t)
		return 'Z';
	switch (t->state) {
	case THREAD_RUNNING:
		return 'R';
	case THREAD_SLEEPING:
		return t->wait_mode == WAIT_INTERRUPTIBLE ? 'S' : 'D';
	case THREAD_STOPPED:
		return 'T';
	default:
		return 'X';
	}
}

static const char *state_word(char state)
{
	switch (state) {
	case 'R': return "running";
	case 'S': return "sleeping";
	case 'D': return "disk sleep";
	case 'T': return "stopped";
	case 'Z': return "zombie";
	default: return "dead";
	}
}

static const char *name_of_task(struct process *p, struct thread *t)
{
	return t ? t->name : p->name;
}

/* A thread's own times below task/, the process's above. */
static void times_of(struct process *p, struct thread *t, u64 *user, u64 *system)
{
	if (t && t->tid != p->id)
		thread_times(t, user, system);
	else
		process_times(p, user, system);
}

/* What top and ps show as PR: negative for real-time threads. */
static int priority_of(const struct thread *t)
{
	if (!t)
		return 20;
	return t->real_time ? -1 - t->real_time : 20 + t->nice;
}

/* The name stands in brackets and may contain some itself: who parses it looks for the last ")". */
static int print_stat(struct process *p, struct thread *t, struct printer *out)
{
	struct family *f = process_family(p);
	struct mm *mm = process_mm(p);
	struct proc_job j = job_of(p, t);
	struct rusage use = { 0 };
	u64 user, system, zero = 0;

	times_of(p, t, &user, &system);
	process_usage(p, &use);
	print(out, "%d (%s) %c %d %d %d %d %d 0 ", t ? t->tid : p->id, name_of_task(p, t),
	      state_of(p, t), process_parent_id(p), j.pgrp, j.session, j.tty_nr, j.tpgid);
	print(out, "%lu %lu %lu %lu ", (u64)use.ru_minflt, f ? f->child_minor_faults : zero,
	      (u64)use.ru_majflt, f ? f->child_major_faults : zero);
	print(out, "%lu %lu %lu %lu ", user / NS_PER_TICK, system / NS_PER_TICK,
	      (f ? f->child_user_ns : zero) / NS_PER_TICK,
	      (f ? f->child_system_ns : zero) / NS_PER_TICK);
	print(out, "%d %d %d 0 %lu ", priority_of(t), t ? t->nice : 0, p->thread_count,
	      (t ? t->start_time : p->start_time) / NS_PER_TICK);
	print(out, "%lu %lu %lu ", mm ? mm->total_pages << PAGE_SHIFT : zero,
	      mm ? mm_resident(mm) : zero, process_rlimit(p, RLIMIT_RSS, NULL));
	print(out, "%lu %lu %lu 0 0 ", mm ? mm->code_start : zero, mm ? mm->code_end : zero,
	      mm ? mm->stack_top : zero);
	print(out, "%lu %lu %lu %lu 0 0 0 %d %d %d %d 0 0 0 ", j.pending, j.blocked, j.ignored,
	      j.caught, f ? f->exit_signal : 0, t ? t->cpu : 0, t ? t->real_time : 0,
	      t ? t->policy : 0);
	print(out, "%lu %lu %lu %lu %lu %lu %lu %d\n", mm ? mm->data_start : zero,
	      mm ? mm->data_end : zero, mm ? mm->brk_start : zero, mm ? mm->arg_start : zero,
	      mm ? mm->arg_end : zero, mm ? mm->env_start : zero, mm ? mm->env_end : zero,
	      p->state == PROCESS_ALIVE ? 0 : p->exit_status);
	if (mm)
		mm_put(mm);
	return 0;
}
PROC_PID_ENTRY(stat, "stat", 0444, print_stat);

/* Text of the program itself. */
static u64 program_pages(const struct mm *mm)
{
	return (ALIGN_UP(mm->code_end, PAGE_SIZE) - ALIGN_DOWN(mm->code_start, PAGE_SIZE)) >>
	       PAGE_SHIFT;
}

/* In pages; a short form of status that top(1) reads for each process in each round. */
static int print_statm(struct process *p, struct thread *t, struct printer *out)
{
	struct mm *mm = process_mm(p);

	if (!mm) {
		print(out, "0 0 0 0 0 0 0\n");
		return 0;
	}
	print(out, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_pages, mm_resident(mm), mm->file_pages,
	      program_pages(mm),
	      mm->data_pages + mm->stack_pages);
	mm_put(mm);
	return 0;
}
PROC_PID_ENTRY(statm, "statm", 0444, print_statm);

/* All other text, as Linux tells it from data: executable, not writable. mm->lock held. */
static u64 library_pages(struct mm *mm)
{
	u64 pages = 0;

	for (struct vm_area *a = mm_first_area(mm); a; a = mm_next_area(a))
		if ((a->flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
			pages += (a->end - a->start) >> PAGE_SHIFT;
	return pages - MIN(pages, program_pages(mm));
}

/* Nothing is pinned or swapped; the pages of shared memory count as a file's. */
static void print_memory(struct mm *mm, struct printer *out)
{
	u64 k = PAGE_SIZE / 1024;
	u64 peak = MAX(mm->peak_total_pages, mm->total_pages), libraries, tables;

	down_read(&mm->lock);
	libraries = library_pages(mm);
	tables = mm_table_pages(mm);
	up_read(&mm->lock);
	print(out, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t%8lu kB\nVmPin:\t%8lu kB\n",
	      peak * k, mm->total_pages * k, mm->locked_pages * k, 0UL);
	print(out, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\nRssAnon:\t%8lu kB\nRssFile:\t%8lu kB\n"
	      "RssShmem:\t%8lu kB\n", mm_peak_resident(mm) * k, mm_resident(mm) * k,
	      mm->anon_pages * k, mm->file_pages * k, 0UL);
	print(out, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\nVmLib:\t%8lu kB\n"
	      "VmPTE:\t%8lu kB\nVmSwap:\t%8lu kB\n", mm->data_pages * k, mm->stack_pages * k,
	      program_pages(mm) * k, libraries * k, tables * k, 0UL);
}

static void print_ids(const struct cred *c, unsigned slots, struct printer *out)
{
	print(out, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid,
	      c->fsuid, c->gid, c->egid, c->sgid, c->fsgid);
	print(out, "FDSize:\t%u\nGroups:\t", slots);
	for (int n = 0; n < c->group_count; n++)
		print(out, "%u ", c->groups[n]);
	print_char(out, '\n');
}

static void print_caps(const struct cred *c, struct printer *out)
{
	print(out,
	      "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n"
	      "CapBnd:\t%016lx\nCapAmb:\t%016lx\n",
	      c->cap_inheritable, c->cap_permitted, c->cap_effective, c->cap_bounding,
	      c->cap_ambient);
	print(out, "NoNewPrivs:\t%d\nSeccomp:\t0\nSeccomp_filters:\t0\n", c->no_new_privs);
}

/* A mask in hexadecimal, and the same as a list of ranges ("0-1,3"). */
static void print_cpus(struct thread *t, struct printer *out)
{
	u64 mask = t->cpu_mask & (BIT(cpu_count) - 1);
	const char *comma = "";

	print(out, "Cpus_allowed:\t%lx\nCpus_allowed_list:\t", mask);
	for (int first = 0; first < cpu_count; first++) {
		int last = first;

		if (!(mask & BIT(first)))
			continue;
		while (last + 1 < cpu_count && (mask & BIT(last + 1)))
			last++;
		print(out, last > first ? "%s%d-%d" : "%s%d", comma, first, last);
		comma = ",";
		first = last;
	}
	print(out, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
	print(out, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
	      t->voluntary_switches, t->involuntary_switches);
}

static int print_status(struct process *p, struct thread *t, struct printer *out)
{
	const struct cred *c = t ? thread_cred(t) : NULL;
	struct mm *mm = process_mm(p);
	struct proc_job j = job_of(p, t);
	char state = state_of(p, t);
	int id = t ? t->tid : p->id;

	print(out, "Name:\t");
	print_escaped(out, name_of_task(p, t), "\n\\");
	print(out, "\nUmask:\t%04o\nState:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n"
	      "TracerPid:\t0\n", t ? thread_fs_umask(t) : 0, state, state_word(state), p->id, id,
	      process_parent_id(p));
	if (c)
		print_ids(c, process_fd_slots(p), out);
	print(out, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", p->id, id, j.pgrp,
	      j.session);
	if (mm) {
		print_memory(mm, out);
		mm_put(mm);
	}
	print(out, "CoreDumping:\t0\nThreads:\t%d\n", p->thread_count);
	parts_show(p, out);
	if (c) {
		print_caps(c, out);
		cred_put(c);
	}
	if (t)
		print_cpus(t, out);
	return 0;
}
PROC_PID_ENTRY(status, "status", 0444, print_status);
