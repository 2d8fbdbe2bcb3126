/*
 * procfs: what the machine and the kernel as a whole are doing (proc(5)): meminfo, stat, uptime,
 * loadavg, version, cpuinfo, cmdline, filesystems, devices, swaps, vmstat, slabinfo and their kin.
 */
#include "common/boot_info.h"
#include "common/cpu.h"
#include "common/linkset.h"
#include "common/printk.h"
#include "common/string.h"
#include "common/x86.h"
#include "common/abi/time.h"
#include "01-memory/kmem.h"
#include "02-usermode/process.h"
#include "02-usermode/timer.h"
#include "03-syscalls/system/system.h"
#include "05-vfs/inode.h"
#include "05-vfs/proc.h"

#define NS_PER_TICK	(NSEC_PER_SEC / USER_HZ)

/* ---- memory ---- */

static void kib(struct printer *p, const char *name, u64 pages)
{
	char label[24];

	snprintf(label, sizeof(label), "%s:", name);
	print(p, "%-16s%8lu kB\n", label, pages * (PAGE_SIZE / 1024));
}

static int print_meminfo(struct printer *p)
{
	struct frame_stats f;
	u64 cached = page_cache_total(), reclaimable;

	frame_stats(&f);
	reclaimable = f.by_owner[FRAME_SLAB] / 2;
	kib(p, "MemTotal", f.total);
	kib(p, "MemFree", f.free);
	kib(p, "MemAvailable", f.free + page_cache_active() + page_cache_inactive() + reclaimable);
	kib(p, "Buffers", 0);
	kib(p, "Cached", cached);
	kib(p, "SwapCached", 0);
	kib(p, "Active", f.by_owner[FRAME_ANON] + page_cache_active());
	kib(p, "Inactive", page_cache_inactive());
	kib(p, "Active(anon)", f.by_owner[FRAME_ANON]);
	kib(p, "Inactive(anon)", 0);
	kib(p, "Active(file)", page_cache_active());
	kib(p, "Inactive(file)", page_cache_inactive());
	kib(p, "Unevictable", 0);
	kib(p, "Mlocked", 0);
	kib(p, "SwapTotal", 0);
	kib(p, "SwapFree", 0);
	kib(p, "Dirty", page_cache_dirty());
	kib(p, "Writeback", page_cache_writeback());
	kib(p, "AnonPages", f.by_owner[FRAME_ANON]);
	kib(p, "Mapped", 0);
	kib(p, "Shmem", cached - MIN(cached, page_cache_active() + page_cache_inactive()));
	kib(p, "KReclaimable", reclaimable);
	kib(p, "Slab", f.by_owner[FRAME_SLAB]);
	kib(p, "SReclaimable", reclaimable);
	kib(p, "SUnreclaim", f.by_owner[FRAME_SLAB] - reclaimable);
	kib(p, "KernelStack", (u64)thread_count() * (KERNEL_STACK_SIZE / PAGE_SIZE));
	kib(p, "PageTables", f.by_owner[FRAME_PAGE_TABLE]);
	kib(p, "NFS_Unstable", 0);
	kib(p, "Bounce", 0);
	kib(p, "WritebackTmp", 0);
	kib(p, "CommitLimit", f.total / 2);
	kib(p, "Committed_AS", f.by_owner[FRAME_ANON]);
	print(p, "VmallocTotal:   34359738367 kB\n");
	return 0;
}
PROC_ENTRY(meminfo, "meminfo", 0444, print_meminfo, NULL);

static int print_vmstat(struct printer *p)
{
	struct frame_stats f;

	frame_stats(&f);
	print(p, "nr_free_pages %lu\nnr_inactive_anon 0\nnr_active_anon %lu\n", f.free,
	      f.by_owner[FRAME_ANON]);
	print(p, "nr_inactive_file %lu\nnr_active_file %lu\nnr_dirty %lu\nnr_writeback %lu\n",
	      page_cache_inactive(), page_cache_active(), page_cache_dirty(),
	      page_cache_writeback());
	print(p, "nr_file_pages %lu\nnr_page_table_pages %lu\n", page_cache_total(),
	      f.by_owner[FRAME_PAGE_TABLE]);
	print(p, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault 0\npgmajfault 0\n");
	return 0;
}
PROC_ENTRY(vmstat, "vmstat", 0444, print_vmstat, NULL);

static void print_slab(const char *name, u64 in_use, u64 total, size_t size, void *arg)
{
	u64 per_slab = MAX(PAGE_SIZE / MAX(size, 1UL), 1UL);

	print(arg, "%-17s %6lu %6lu %6lu %4lu %4lu : tunables    0    0    0 "
	      ": slabdata %6lu %6lu 0\n",
	      name, in_use, total, size, per_slab, 1UL, DIV_ROUND_UP(total, per_slab),
	      DIV_ROUND_UP(total, per_slab));
}

static int print_slabinfo(struct printer *p)
{
	print(p, "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> "
	      "<objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : "
	      "slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	kmem_for_each_cache(print_slab, p);
	return 0;
}
PROC_ENTRY(slabinfo, "slabinfo", 0400, print_slabinfo, NULL);

static int print_swaps(struct printer *p)
{
	print(p, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}
PROC_ENTRY(swaps, "swaps", 0444, print_swaps, NULL);

/* ---- time and processors ---- */

struct cpu_times {
	u64 user, system;	/* ticks of all processes that live */
	unsigned running;
};

static void count_running(struct thread *t, void *arg)
{
	if (t->state == THREAD_RUNNING)
		++*(unsigned *)arg;
}

static void sum_times(struct cpu_times *sum)
{
	struct process *p;
	int nr = 1;

	*sum = (struct cpu_times){ 0 };
	while ((p = process_next(nr))) {
		u64 user, system;

		nr = p->id + 1;
		process_times(p, &user, &system);
		sum->user += user / NS_PER_TICK;
		sum->system += system / NS_PER_TICK;
		process_for_each_thread(p, count_running, &sum->running);
		process_put(p);
	}
}

/* Time that was not idle is divided between user and system as the living processes' is. */
static void split_busy(u64 busy, const struct cpu_times *sum, u64 *user, u64 *system)
{
	u64 total = sum->user + sum->system;

	*user = total ? busy * sum->user / total : 0;
	*system = busy - *user;
}

static int print_stat(struct printer *p)
{
	u64 up = clock_monotonic() / NS_PER_TICK, all_idle = 0, user, system;
	struct cpu_times sum;

	sum_times(&sum);
	for (int c = 0; c < cpu_count; c++)
		all_idle += sched_idle_ns(c) / NS_PER_TICK;
	split_busy(up * cpu_count - MIN(all_idle, up * cpu_count), &sum, &user, &system);
	print(p, "cpu  %lu 0 %lu %lu 0 0 0 0 0 0\n", user, system, all_idle);
	for (int c = 0; c < cpu_count; c++) {
		u64 idle = sched_idle_ns(c) / NS_PER_TICK;

		split_busy(up - MIN(idle, up), &sum, &user, &system);
		print(p, "cpu%d %lu 0 %lu %lu 0 0 0 0 0 0\n", c, user, system, idle);
	}
	print(p, "intr 0\nctxt %lu\nbtime %lu\nprocesses %d\nprocs_running %u\nprocs_blocked 0\n"
	      "softirq 0 0 0 0 0 0 0 0 0 0 0\n", sched_switches(),
	      (clock_realtime() - clock_monotonic()) / NSEC_PER_SEC, process_count(),
	      MAX(sum.running, 1));
	return 0;
}
PROC_ENTRY(stat, "stat", 0444, print_stat, NULL);

static int print_uptime(struct printer *p)
{
	u64 up = clock_monotonic() / (NSEC_PER_SEC / 100), idle = 0;

	for (int c = 0; c < cpu_count; c++)
		idle += sched_idle_ns(c) / (NSEC_PER_SEC / 100);
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

static void print_flags(struct printer *p)
{
	static const char *const leaf1_edx[32] = {
		"fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL, "sep",
		"mtrr", "pge", "mca", "cmov", "pat", "pse36", "pn", "clflush", NULL, "dts", "acpi",
		"mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
	};
	static const char *const leaf1_ecx[32] = {
		"pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx", "smx", "est", "tm2",
		"ssse3", "cid", "sdbg", "fma", "cx16", "xtpr", "pdcm", NULL, "pcid", "dca",
		"sse4_1",
		"sse4_2", "x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes", "xsave", NULL,
		"avx", "f16c", "rdrand", "hypervisor",
	};
	struct cpuid_regs r = cpuid(1, 0), e = cpuid(0x80000001, 0);

	print(p, "flags\t\t:");
	for (int n = 0; n < 32; n++)
		if ((r.edx & BIT(n)) && leaf1_edx[n])
			print(p, " %s", leaf1_edx[n]);
	if (e.edx & BIT(11))
		print(p, " syscall");
	if (e.edx & BIT(20))
		print(p, " nx");
	if (e.edx & BIT(29))
		print(p, " lm");
	for (int n = 0; n < 32; n++)
		if ((r.ecx & BIT(n)) && leaf1_ecx[n])
			print(p, " %s", leaf1_ecx[n]);
	print_char(p, '\n');
}

static int print_cpuinfo(struct printer *p)
{
	struct cpuid_regs v = cpuid(0, 0), s = cpuid(1, 0);
	u64 khz = clock_tsc_hz() / 1000;
	char vendor[13] = { 0 }, model[49] = "unknown";
	unsigned family = s.eax >> 8 & 15;

	memcpy(vendor, &v.ebx, 4);
	memcpy(vendor + 4, &v.edx, 4);
	memcpy(vendor + 8, &v.ecx, 4);
	if (cpuid(0x80000000, 0).eax >= 0x80000004)
		for (int n = 0; n < 3; n++) {
			struct cpuid_regs r = cpuid(0x80000002 + n, 0);

			memcpy(model + 16 * n, &r, 16);
		}
	for (int c = 0; c < cpu_count; c++) {
		print(p, "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n",
		      c, vendor,
		      family == 15 ? family + (s.eax >> 20 & 255) : family,
		      (s.eax >> 4 & 15) | (s.eax >> 12 & 0xf0));
		print(p, "model name\t: %s\nstepping\t: %u\ncpu MHz\t\t: %lu.%03lu\n", model,
		      s.eax & 15, khz / 1000, khz % 1000);
		print(p, "physical id\t: %d\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n"
		      "apicid\t\t: %u\nfpu\t\t: yes\nfpu_exception\t: yes\n"
		      "cpuid level\t: %u\nwp\t\t: yes\n", c, cpus[c].apic_id, v.eax);
		print_flags(p);
		print(p, "bugs\t\t:\nbogomips\t: %lu.%02lu\nclflush size\t: 64\n"
		      "cache_alignment\t: 64\n"
		      "address sizes\t: 40 bits physical, 48 bits virtual\npower management:\n\n",
		      khz / 500, khz / 5 % 100);
	}
	return 0;
}
PROC_ENTRY(cpuinfo, "cpuinfo", 0444, print_cpuinfo, NULL);

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
