/*
 * What /sys says about this machine: what C libraries, Java, redis and their like ask for.
 *
 * glibc counts CPUs by devices/system/cpu/online and possible (sysconf(3), _SC_NPROCESSORS_*),
 * libnuma and jemalloc look at nodes, databases warn when transparent huge pages are on. Empty
 * directories are there for programs that list them and take their absence for "/sys is not
 * mounted" (lsblk, udev). All CPUs are online from boot and there is one memory node, so most of
 * it is fixed.
 */
#include "common/cpu.h"
#include "06-posix/sysfs/sysfs.h"

/* "0" or "0-3". */
static void print_range(struct printer *p, int n)
{
	if (n == 1)
		print(p, "0\n");
	else
		print(p, "0-%d\n", n - 1);
}

static int print_cpus(struct printer *p, u64 arg)
{
	print_range(p, cpu_count);
	return 0;
}

static int print_cpu_map(struct printer *p, u64 arg)
{
	print(p, "%lx\n", BIT(cpu_count) - 1);
	return 0;
}

static int print_kernel_max(struct printer *p, u64 arg)
{
	print(p, "%d\n", MAX_CPUS - 1);
	return 0;
}

static int print_nothing(struct printer *p, u64 arg)
{
	print(p, "\n");
	return 0;
}

/* No huge pages are made behind a program's back. */
static int print_thp(struct printer *p, u64 arg)
{
	print(p, "always madvise [never]\n");
	return 0;
}

static int print_pmd_size(struct printer *p, u64 arg)
{
	print(p, "%lu\n", 512 * PAGE_SIZE);
	return 0;
}

static int print_clocksource(struct printer *p, u64 arg)
{
	print(p, "tsc\n");
	return 0;
}

static int print_zero(struct printer *p, u64 arg)
{
	print(p, "0\n");
	return 0;
}

static int print_console(struct printer *p, u64 arg)
{
	print(p, "ttyS0\n");
	return 0;
}

SYS_ENTRY(block, .name = "block");
SYS_ENTRY(bus, .name = "bus");
SYS_ENTRY(class_block, .name = "class/block");
SYS_ENTRY(class_net, .name = "class/net");
SYS_ENTRY(console, .name = "class/tty/console/active", .mode = 0444, .print = print_console);
SYS_ENTRY(dev_block, .name = "dev/block");
SYS_ENTRY(dev_char, .name = "dev/char");
SYS_ENTRY(clocksource, .name = "devices/system/clocksource/clocksource0/current_clocksource",
	  .mode = 0444, .print = print_clocksource);
SYS_ENTRY(clocksources, .name = "devices/system/clocksource/clocksource0/available_clocksource",
	  .mode = 0444, .print = print_clocksource);
SYS_ENTRY(cpu_kernel_max, .name = "devices/system/cpu/kernel_max", .mode = 0444,
	  .print = print_kernel_max);
SYS_ENTRY(cpu_offline, .name = "devices/system/cpu/offline", .mode = 0444, .print = print_nothing);
SYS_ENTRY(cpu_online, .name = "devices/system/cpu/online", .mode = 0444, .print = print_cpus);
SYS_ENTRY(cpu_possible, .name = "devices/system/cpu/possible", .mode = 0444, .print = print_cpus);
SYS_ENTRY(cpu_present, .name = "devices/system/cpu/present", .mode = 0444, .print = print_cpus);
SYS_ENTRY(node_online, .name = "devices/system/node/online", .mode = 0444, .print = print_zero);
SYS_ENTRY(node_possible, .name = "devices/system/node/possible", .mode = 0444, .print = print_zero);
SYS_ENTRY(node_cpus, .name = "devices/system/node/node0/cpulist", .mode = 0444,
	  .print = print_cpus);
SYS_ENTRY(node_map, .name = "devices/system/node/node0/cpumap", .mode = 0444,
	  .print = print_cpu_map);
SYS_ENTRY(fs_cgroup, .name = "fs/cgroup");
SYS_ENTRY(hugepages, .name = "kernel/mm/hugepages");
SYS_ENTRY(pmd_size, .name = "kernel/mm/transparent_hugepage/hpage_pmd_size", .mode = 0444,
	  .print = print_pmd_size);
SYS_ENTRY(thp, .name = "kernel/mm/transparent_hugepage/enabled", .mode = 0444, .print = print_thp);
SYS_ENTRY(module, .name = "module");
