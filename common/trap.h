/*
 * Traps: exceptions, interrupts, and the frame that entry code saves.
 *
 * Every entry to the kernel, SYSCALL included, pushes the same struct trapframe,
 * with all registers and the system call's number, so that signals, restart,
 * fork and tracing need nothing more. The layout is Linux's struct
 * user_regs_struct (sys/user.h) up to ss, so that ptrace can copy it.
 */
#pragma once

#include "common/types.h"
#include "common/linkset.h"

struct trapframe {
	u64 r15, r14, r13, r12, rbp, rbx;
	u64 r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	u64 orig_rax;		/* system call number; -1 for exceptions and interrupts */
	u64 rip, cs, rflags, rsp, ss;
};

static inline bool trap_from_user(const struct trapframe *f)
{
	return (f->cs & 3) == 3;
}

/* Exceptions (SDM vol. 3, table 6-1). */
enum {
	TRAP_DIVIDE = 0, TRAP_DEBUG = 1, TRAP_NMI = 2, TRAP_BREAKPOINT = 3,
	TRAP_OVERFLOW = 4, TRAP_BOUND = 5, TRAP_INVALID_OPCODE = 6,
	TRAP_NO_FPU = 7, TRAP_DOUBLE_FAULT = 8, TRAP_INVALID_TSS = 10,
	TRAP_NO_SEGMENT = 11, TRAP_STACK = 12, TRAP_PROTECTION = 13,
	TRAP_PAGE_FAULT = 14, TRAP_FPU = 16, TRAP_ALIGNMENT = 17,
	TRAP_MACHINE_CHECK = 18, TRAP_SIMD = 19,
	TRAP_COUNT = 32,
};

/* Vectors. 32 to 47: ISA interrupts through the I/O APIC. */
#define VECTOR_IRQ_BASE		32
#define VECTOR_DYNAMIC_FIRST	48	/* allocated by vector_alloc() */
#define VECTOR_DYNAMIC_LAST	0xef
#define VECTOR_SYSCALL		0x80
#define VECTOR_TIMER		0xf0
#define VECTOR_RESCHEDULE	0xf1
#define VECTOR_CALL		0xf2	/* TLB flush and other cross-calls */
#define VECTOR_STOP		0xf3
#define VECTOR_SPURIOUS		0xff

/* Page-fault error code (SDM vol. 3, 4.7). */
#define PF_PRESENT	BIT(0)
#define PF_WRITE	BIT(1)
#define PF_USER		BIT(2)
#define PF_RESERVED	BIT(3)
#define PF_EXEC		BIT(4)

/*
 * One exception as its handler sees it; error is 0 where the CPU pushes none, address is CR2
 * for page faults, else 0.
 */
struct trap {
	struct trapframe *frame;
	unsigned vector;
	u64 error;
	u64 address;
};

/*
 * Installs who handles an exception; returns the previous one. A handler returns true when done;
 * false lets trap.c look in the table of recoverable faults and then panic.
 * Page faults arrive with interrupts off; the handler turns them on when the
 * interrupted code had them on.
 */
typedef bool (*trap_handler)(struct trap *t);
trap_handler trap_set_handler(unsigned vector, trap_handler h);

/*
 * Hardware interrupts: the handler runs with interrupts off, on the interrupted
 * thread's kernel stack. The end-of-interrupt is sent by trap.c through irq_eoi (02's APIC sets it)
 * before the handler runs. Shared vectors are not supported: 0 or -EBUSY.
 */
int irq_set_handler(unsigned vector, void (*h)(void *arg), void *arg);
/* A free vector for MSI and the like, or -ENOSPC. */
int vector_alloc(void);
extern void (*irq_eoi)(void);

/*
 * How to go back to user mode: called on the way out of every entry from ring 3, interrupts off.
 * Lab 02 sets it (its work loop); NULL in lab 01.
 */
extern void (*return_to_user_hook)(struct trapframe *f);

/* Entry points and exits in trap.S. */
extern void trap_return(void) __noreturn;	/* pops the trapframe at rsp; iretq */

/* Fill the IDT and mask the legacy interrupt controllers: boot CPU. */
void trap_init(void);
/* Make the calling CPU use the IDT. */
void trap_load_idt(void);

/*
 * The table of recoverable faults: `insn` may fault; then execution goes on at
 * `resume`, registers as they were. Written by the
 * user-copy routines with the EXTABLE assembler macro in common/asm.h.
 */
struct extable_entry {
	s32 insn, resume;	/* relative to their own addresses */
};
/* If frame->rip is in the table, redirect it and return true. */
bool extable_fixup(struct trapframe *f);
