/*
 * Per-CPU state. GS holds the base of the running CPU's struct cpu while in the
 * kernel (swapgs exchanges it with the user's GS base at entry and exit).
 *
 * The first fields are used by assembly at fixed offsets (CPU_* below).
 * Subsystems that want data per CPU keep an array [MAX_CPUS] of their own,
 * cache-line aligned, indexed by cpu_id().
 */
#pragma once

#include "common/types.h"

struct thread;		/* 02-usermode/thread.h */

struct tss {		/* SDM vol. 3, 8.7 */
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, iomap_base;
} __packed;

struct cpu {
	struct cpu *self;	/* CPU_SELF: at gs:0 */
	/* CPU_CURRENT: the running one; NULL before lab 02's scheduler starts */
	struct thread *thread;
	/* CPU_KERNEL_STACK: top of current's kernel stack (same as tss.rsp[0]) */
	u64 kernel_stack;
	u64 user_rsp;		/* CPU_USER_RSP: scratch of the SYSCALL entry */
	int id;			/* 0 .. cpu_count - 1 */
	u32 apic_id;
	int irq_depth;		/* nested irq_disable() and spinlocks */
	bool irq_was_on;	/* interrupt flag before the first of them */
	bool in_interrupt;	/* running a hardware interrupt's handler */
	bool interrupted_user;	/* that interrupt hit user mode */
	bool online;
	u16 held_count;		/* locks held, for the rank checker */
	u16 held_ranks[16];
	const void *held_locks[16];
	u64 interrupts;		/* from devices, the timer and other CPUs; own CPU */
	struct tss tss;
	u64 gdt[10];
} __aligned(64);

#define CPU_SELF	0
#define CPU_CURRENT	8
#define CPU_KERNEL_STACK 16
#define CPU_USER_RSP	24

_Static_assert(offsetof(struct cpu, user_rsp) == CPU_USER_RSP, "assembly uses these offsets");

extern struct cpu cpus[MAX_CPUS];
extern int cpu_count;		/* CPUs online; 1 until lab 02 starts the others */

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(c));
	return c;
}

static inline int cpu_id(void)
{
	return this_cpu()->id;
}

/*
 * Load GDT, TSS, IDT and GS base of CPU id on the calling CPU; with interrupts
 * off. The boot CPU does it before kernel_main(), the others in 02-usermode/smp.c.
 */
void cpu_init(int id, u32 apic_id);

/* Turn on what the command line can turn off (SMEP, SMAP); boot CPU, once that is parsed. */
void cpu_late_features(void);

/* True when STAC and CLAC exist and user memory is out of reach without them. */
extern bool cpu_has_smap;

/* Segment selectors. SYSRET demands the order (SDM vol. 3, 5.8.8); programs see Linux's numbers. */
#define SEL_KERNEL_CODE	0x10
#define SEL_KERNEL_DATA	0x18
#define SEL_USER_CODE32	(0x20 | 3)
#define SEL_USER_DATA	(0x28 | 3)
#define SEL_USER_CODE	(0x30 | 3)
#define SEL_TSS		0x40

/* Interrupt stacks (TSS): 1 double fault, 2 NMI, 3 machine check; 0 means none. */
#define IST_DOUBLE_FAULT	1
#define IST_NMI			2
#define IST_MACHINE_CHECK	3
