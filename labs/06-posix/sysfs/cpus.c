/*
 * /sys/devices/system/cpu/cpuN/topology: which processors share a core or a package
 * (Linux: Documentation/ABI/stable/sysfs-devices-system-cpu). lscpu(1) and libraries that place
 * threads read it.
 */
#include "common/cpu.h"
#include "common/init.h"
#include "02-usermode/topology.h"
#include "06-posix/sysfs/sysfs.h"

static int print_package(struct printer *p, u64 cpu)
{
	print(p, "%u\n", cpu_place(cpu).package);
	return 0;
}

static int print_core(struct printer *p, u64 cpu)
{
	print(p, "%u\n", cpu_place(cpu).core);
	return 0;
}

/* Those in cpu's package; core: in its core only. */
static u64 together(int cpu, bool core)
{
	struct cpu_place here = cpu_place(cpu), other;
	u64 mask = 0;

	for (int c = 0; c < cpu_count; c++) {
		other = cpu_place(c);
		if (other.package == here.package && (!core || other.core == here.core))
			mask |= BIT(c);
	}
	return mask;
}

/* As taskset(1) takes it: "0-1,3". */
static void print_list(struct printer *p, u64 mask)
{
	const char *comma = "";

	for (int c = 0, last; c < cpu_count; c = last + 1) {
		last = c;
		if (!(mask & BIT(c)))
			continue;
		while (last + 1 < cpu_count && mask & BIT(last + 1))
			last++;
		print(p, last > c ? "%s%d-%d" : "%s%d", comma, c, last);
		comma = ",";
	}
	print_char(p, '\n');
}

static int print_core_mask(struct printer *p, u64 cpu)
{
	print(p, "%lx\n", together(cpu, true));
	return 0;
}

static int print_core_list(struct printer *p, u64 cpu)
{
	print_list(p, together(cpu, true));
	return 0;
}

static int print_package_mask(struct printer *p, u64 cpu)
{
	print(p, "%lx\n", together(cpu, false));
	return 0;
}

static int print_package_list(struct printer *p, u64 cpu)
{
	print_list(p, together(cpu, false));
	return 0;
}

static const struct {
	const char *name;
	int (*print)(struct printer *p, u64 cpu);
} files[] = {		/* two names each: the older ones of a core are about threads */
	{ "physical_package_id", print_package }, { "core_id", print_core },
	{ "thread_siblings", print_core_mask }, { "thread_siblings_list", print_core_list },
	{ "core_cpus", print_core_mask }, { "core_cpus_list", print_core_list },
	{ "core_siblings", print_package_mask }, { "core_siblings_list", print_package_list },
	{ "package_cpus", print_package_mask }, { "package_cpus_list", print_package_list },
};

static void cpus_init(void)
{
	for (int cpu = 0; cpu < cpu_count; cpu++)
		for (int i = 0; i < ARRAY_SIZE(files); i++)
			sysfs_add_file(files[i].print, cpu, "devices/system/cpu/cpu%d/topology/%s",
				       cpu, files[i].name);
}
INITCALL(90, cpus_init);
