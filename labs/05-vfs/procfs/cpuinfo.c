/*
 * procfs: cpuinfo, what the CPUID instruction says of each processor, in Linux's words and format
 * (SDM vol. 2, CPUID; proc(5)). All processors are taken to be like the one that executes it.
 */
#include "common/cpu.h"
#include "common/string.h"
#include "common/x86.h"
#include "02-usermode/timer.h"
#include "02-usermode/topology.h"
#include "05-vfs/proc.h"

#define LEAF_BRAND	0x80000002	/* and the next two: 16 characters each */
#define LEAF_ADDRESS	0x80000008

/* Linux's names of feature bits, from bit 0; NULL: none. */
static const struct features {
	u32 leaf;
	enum { EBX, ECX, EDX } reg;
	const char *names[32];
} features[] = {
	{ 1, EDX, {
		"fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL, "sep",
		"mtrr", "pge", "mca", "cmov", "pat", "pse36", "pn", "clflush", NULL, "dts", "acpi",
		"mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
	} },
	{ 0x80000001, EDX, {
		[11] = "syscall", [19] = "mp", [20] = "nx", [22] = "mmxext", [25] = "fxsr_opt",
		[26] = "pdpe1gb", [27] = "rdtscp", [29] = "lm", [30] = "3dnowext", [31] = "3dnow",
	} },
	{ 1, ECX, {
		"pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx", "smx", "est", "tm2",
		"ssse3", "cid", "sdbg", "fma", "cx16", "xtpr", "pdcm", NULL, "pcid", "dca",
		"sse4_1", "sse4_2", "x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes",
		"xsave", NULL, "avx", "f16c", "rdrand", "hypervisor",
	} },
	{ 0x80000001, ECX, {
		"lahf_lm", "cmp_legacy", "svm", "extapic", "cr8_legacy", "abm", "sse4a",
		"misalignsse", "3dnowprefetch", "osvw", "ibs", "xop", "skinit", "wdt",
		[15] = "lwp", [16] = "fma4", [21] = "tbm",
	} },
	{ 7, EBX, {
		"fsgsbase", "tsc_adjust", NULL, "bmi1", "hle", "avx2", NULL, "smep", "bmi2", "erms",
		"invpcid", "rtm", [14] = "mpx", [16] = "avx512f", [17] = "avx512dq",
		[18] = "rdseed", [19] = "adx", [20] = "smap", [23] = "clflushopt", [24] = "clwb",
		[29] = "sha_ni", [30] = "avx512bw", [31] = "avx512vl",
	} },
	{ 7, ECX, {
		[2] = "umip", [3] = "pku", [4] = "ospke", [9] = "vaes", [10] = "vpclmulqdq",
		[16] = "la57", [22] = "rdpid",
	} },
};

/* All zero for a leaf that the processor does not have. */
static struct cpuid_regs leaf(u32 number, u32 sub)
{
	if (cpuid(number & 0x80000000, 0).eax < number)
		return (struct cpuid_regs){ 0 };
	return cpuid(number, sub);
}

static void print_flags(struct printer *p)
{
	print(p, "flags\t\t:");
	for (int i = 0; i < ARRAY_SIZE(features); i++) {
		const struct features *f = &features[i];
		struct cpuid_regs r = leaf(f->leaf, 0);
		u32 bits = f->reg == EBX ? r.ebx : f->reg == ECX ? r.ecx : r.edx;

		for (int n = 0; n < 32; n++)
			if ((bits & BIT(n)) && f->names[n])
				print(p, " %s", f->names[n]);
	}
	print_char(p, '\n');
}

static void print_place(struct printer *p, int cpu)
{
	struct cpu_place here = cpu_place(cpu), other;
	unsigned siblings = 0, cores = 0;

	for (int c = 0; c < cpu_count; c++) {
		other = cpu_place(c);
		siblings += other.package == here.package;
		cores += other.package == here.package && other.thread == 0;
	}
	print(p, "physical id\t: %u\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n"
	      "apicid\t\t: %u\n", here.package, siblings, here.core, cores, cpus[cpu].apic_id);
}

static void print_processor(struct printer *p, int cpu)
{
	struct cpuid_regs v = cpuid(0, 0), s = cpuid(1, 0), sizes = leaf(LEAF_ADDRESS, 0);
	char vendor[13] = { 0 }, brand[49] = "unknown";
	unsigned family = s.eax >> 8 & 15, line = (s.ebx >> 8 & 255) * 8;
	u64 khz = clock_tsc_hz() / 1000;

	memcpy(vendor, &v.ebx, 4);
	memcpy(vendor + 4, &v.edx, 4);
	memcpy(vendor + 8, &v.ecx, 4);
	if (cpuid(0x80000000, 0).eax >= LEAF_BRAND + 2)
		for (int n = 0; n < 3; n++) {
			struct cpuid_regs r = cpuid(LEAF_BRAND + n, 0);

			memcpy(brand + 16 * n, &r, 16);
		}
	print(p, "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", cpu,
	      vendor, family == 15 ? family + (s.eax >> 20 & 255) : family,
	      (s.eax >> 4 & 15) | (s.eax >> 12 & 0xf0));
	print(p, "model name\t: %s\nstepping\t: %u\ncpu MHz\t\t: %lu.%03lu\n", brand,
	      s.eax & 15, khz / 1000, khz % 1000);
	print_place(p, cpu);
	print(p, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n", v.eax);
	print_flags(p);
	print(p, "bugs\t\t:\nbogomips\t: %lu.%02lu\nclflush size\t: %u\ncache_alignment\t: %u\n",
	      khz / 500, khz / 5 % 100, line, line);
	print(p, "address sizes\t: %u bits physical, %u bits virtual\npower management:\n\n",
	      sizes.eax & 255, sizes.eax >> 8 & 255);
}

static int print_cpuinfo(struct printer *p)
{
	for (int c = 0; c < cpu_count; c++)
		print_processor(p, c);
	return 0;
}
PROC_ENTRY(cpuinfo, "cpuinfo", 0444, print_cpuinfo, NULL);
