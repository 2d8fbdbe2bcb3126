/* Which processors share a core or a package. */
#pragma once

#include "common/types.h"

struct cpu_place {
	u32 package;		/* any number, the same for all CPUs of a package */
	u32 core, thread;	/* within the package, within the core */
};
/* From the CPU's APIC number; where the processor does not say, each CPU is a package. */
struct cpu_place cpu_place(int cpu);
