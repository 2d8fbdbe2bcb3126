/*
 * The two places where a stack pointer changes hands (exercises 2.1 and 2.4).
 */
#pragma once

#include "common/trap.h"

/*
 * Save the callee-saved registers (psABI, figure 3.4) on the current stack and the stack pointer in
 * *save; continue where the thread whose pointer is `load` called this. Interrupts off, run queue
 * locked.
 */
void context_switch(u64 *save, u64 load);

/* Where a new thread starts: finishes the switch, then calls fn(arg) (in rbx and r12). */
void thread_entry(void);

/*
 * Go to ring 3 with the registers in f: only the fields of an interrupt return count for a first
 * entry; all are loaded.
 */
void enter_user_mode(struct trapframe *f) __noreturn;
