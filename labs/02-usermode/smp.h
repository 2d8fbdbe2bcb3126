/*
 * All CPUs: starting them (ACPI MADT, INIT-SIPI-SIPI; SDM vol. 3, 9.4), local and
 * I/O APIC, and calls from one to another.
 */
#pragma once

#include "common/types.h"

/* Local APIC on this CPU; I/O APIC routing; legacy PIC off. */
void apic_init(void);
void apic_init_cpu(void);
/*
 * Route ISA interrupt irq (0-15, overrides of the MADT applied) or a global interrupt to `vector`
 * on CPU 0.
 */
void ioapic_route(unsigned gsi, unsigned vector, bool level, bool active_low);
void ioapic_route_isa(unsigned irq, unsigned vector);
u64 apic_msi_address(int cpu);
/* Program this CPU's timer to fire in ns nanoseconds (at least 1 us; 0: stop it). */
void apic_timer_set(u64 ns);
void apic_send_ipi(int cpu, unsigned vector);

/* Start the other CPUs; each ends in its idle thread. Sets cpu_count. */
void smp_start(void);

/*
 * Run fn(arg) on every online CPU in mask except this one, in interrupt context, and wait until all
 * have done it. Interrupts must be on and no spinlock held (never wait for another CPU with
 * interrupts off).
 */
void smp_call(u64 mask, void (*fn)(void *arg), void *arg);
void smp_reschedule(int cpu);
