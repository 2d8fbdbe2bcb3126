/*
 * A CPU's place is in its APIC number: the lowest bits are the thread's number in the core, the
 * next the core's in the package. CPUID leaf 0xb says how many bits each has (SDM vol. 3, 9.9.1).
 */
#include "02-usermode/topology.h"
#include "common/cpu.h"
#include "common/x86.h"

#define LEAF_TOPOLOGY	0xb

struct cpu_place cpu_place(int cpu)
{
	unsigned thread_bits = 0, package_bits = 0;
	u32 id = cpus[cpu].apic_id;

	if (cpuid(0, 0).eax >= LEAF_TOPOLOGY && cpuid(LEAF_TOPOLOGY, 0).ebx) {
		thread_bits = cpuid(LEAF_TOPOLOGY, 0).eax & 31;
		package_bits = cpuid(LEAF_TOPOLOGY, 1).eax & 31;
	}
	return (struct cpu_place){
		.package = id >> package_bits,
		.core = (u32)(id & (BIT(package_bits) - 1)) >> thread_bits,
		.thread = (u32)(id & (BIT(thread_bits) - 1)),
	};
}
