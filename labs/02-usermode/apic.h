/*
 * Between apic.c and smp.c: the CPUs that the firmware names, and waking them (SDM vol. 3, 9.4.4).
 */
#pragma once

#include "common/types.h"

extern u32 madt_apic_ids[MAX_CPUS];	/* usable CPUs, the boot CPU among them */
extern int madt_cpu_count;

void apic_send_init(u32 apic_id);
/* Start at the real-mode page (below 1 MiB). */
void apic_send_startup(u32 apic_id, paddr_t page);
