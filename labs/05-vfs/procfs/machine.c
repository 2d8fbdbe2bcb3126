/*
 * procfs: what the machine and the kernel as a whole are doing (proc(5)): stat, uptime, loadavg,
 * version, cmdline, filesystems, devices and their kin. (Memory: memory.c, processors: cpuinfo.c.)
 *
 * Programs look for words at the start of a line, and some for fields by their place: so fields
 * that we have nothing for are there, with 0.
 */
#include "common/boot_info.h"
#include "common/cpu.h"
#include "common/linkset.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/x86.h"
#include "common/abi/time.h"
#include "02-usermode/process.h"
#include "02-usermode/timer.h"
#include "03-syscalls/system/system.h"
#include "05-vfs/inode.h"
#include "05-vfs/proc.h"

#define NS_PER_TICK	(NSEC_PER_SEC / USER_HZ)

/* ---- time and processors ---- */

struct running {
	unsigned running, blocked;
};

static void count_running(struct thread *t, void *arg)
{
	struct running *n = arg;

	n->running += t->state == THREAD_RUNNING;
	n->blocked += t->state == THREAD_SLEEPING && t->wait_mode == WAIT_UNINTERRUPTIBLE;
}

/* Processes come and go meanwhile: found one by one by number, each with a reference. */
static void count_all(struct running *n)
{
	struct process *p;

	*n = (struct running){ 0 };
	for (int nr = 1; (p = process_next(nr)); nr = p->id + 1, process_put(p))
		process_for_each_thread(p, count_running, n);
}

/* Waiting for disks and time in interrupts are not told apart from being idle and from the rest. */
static void print_cpu_times(struct printer *p, const char *name, const struct cpu_times *t)
{
	print(p, "%s %lu %lu %lu %lu 0 0 0 0 0 0\n", name, t->user / NS_PER_TICK,
	      t->nice / NS_PER_TICK, t->system / NS_PER_TICK, t->idle / NS_PER_TICK);
}

/* In ticks of 1/100 s since boot, per processor and for all. */
static int print_stat(struct printer *p)
{
	struct cpu_times times[MAX_CPUS], all = { 0 };
	u64 interrupts = 0;
	struct running n;
	char name[16];

	for (int c = 0; c < cpu_count; c++) {
		sched_cpu_times(c, &times[c]);
		all.user += times[c].user;
		all.nice += times[c].nice;
		all.system += times[c].system;
		all.idle += times[c].idle;
		interrupts += READ_ONCE(cpus[c].interrupts);
	}
	print_cpu_times(p, "cpu ", &all);
	for (int c = 0; c < cpu_count; c++) {
		snprintf(name, sizeof(name), "cpu%d", c);
		print_cpu_times(p, name, &times[c]);
	}
	count_all(&n);
	print(p, "intr %lu\nctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\n"
	      "procs_blocked %u\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n", interrupts, sched_switches(),
	      (clock_realtime() - clock_monotonic()) / NSEC_PER_SEC, process_clones(),
	      MAX(n.running, 1), n.blocked);
	return 0;
}
PROC_ENTRY(stat, "stat", 0444, print_stat, NULL);

static int print_uptime(struct printer *p)
{
	u64 up = clock_monotonic() / (NSEC_PER_SEC / 100), idle = 0;
	struct cpu_times times;

	for (int c = 0; c < cpu_count; c++) {
		sched_cpu_times(c, &times);
		idle += times.idle / (NSEC_PER_SEC / 100);
	}
	print(p, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100, idle % 100);
	return 0;
}
PROC_ENTRY(uptime, "uptime", 0444, print_uptime, NULL);

static int print_loadavg(struct printer *p)
{
	u64 load[3];

	system_load(load);
	for (int n = 0; n < 3; n++)
		print(p, "%lu.%02lu ", load[n] >> 16, (load[n] & 0xffff) * 100 >> 16);
	print(p, "%u/%d %d\n", sched_runnable(), thread_count(), current_process()->id);
	return 0;
}
PROC_ENTRY(loadavg, "loadavg", 0444, print_loadavg, NULL);

/* ---- the kernel ---- */

static int print_version(struct printer *p)
{
	struct utsname u;

	system_names(&u);
	print(p, "%s version %s (trellis@localhost) (gcc) %s\n", u.sysname, u.release, u.version);
	return 0;
}
PROC_ENTRY(version, "version", 0444, print_version, NULL);

static int print_cmdline(struct printer *p)
{
	print(p, "%s\n", boot_info.cmdline);
	return 0;
}
PROC_ENTRY(cmdline, "cmdline", 0444, print_cmdline, NULL);

static int print_filesystems(struct printer *p)
{
	const struct fs_type *t;

	linkset_for_each(fs_types, const struct fs_type, t)
		print(p, "%s\t%s\n", t->needs_device ? "" : "nodev", t->name);
	return 0;
}
PROC_ENTRY(filesystems, "filesystems", 0444, print_filesystems, NULL);

static int print_devices(struct printer *p)
{
	const struct char_device *c;

	print(p, "Character devices:\n");
	linkset_for_each(char_devices, const struct char_device, c)
		if (c->name)
			print(p, "%3u %.*s\n", c->major, (int)(strchr(c->name, '%') ?
			      strchr(c->name, '%') - c->name : (long)strlen(c->name)), c->name);
	print(p, "\nBlock devices:\n254 virtblk\n");
	return 0;
}
PROC_ENTRY(devices, "devices", 0444, print_devices, NULL);

/* No modules, and no module loader. */
static int print_nothing(struct printer *p)
{
	return 0;
}
PROC_ENTRY(modules, "modules", 0444, print_nothing, NULL);

/* ---- links to the reader's own directory ---- */

static int print_self(struct printer *p)
{
	print(p, "%d", current_process()->id);
	return 0;
}
PROC_ENTRY(self, "self", S_IFLNK, print_self, NULL);

static int print_thread_self(struct printer *p)
{
	print(p, "%d/task/%d", current_process()->id, current->tid);
	return 0;
}
PROC_ENTRY(thread_self, "thread-self", S_IFLNK, print_thread_self, NULL);

static int print_mounts_link(struct printer *p)
{
	print(p, "self/mounts");
	return 0;
}
PROC_ENTRY(mounts, "mounts", S_IFLNK, print_mounts_link, NULL);
