/*
 * Exercise 2.4: the way to ring 3.
 *
 * Goal: enter_user_mode(struct trapframe *f) loads all registers of f and goes to user mode.
 * Invariant: after swapgs no interrupt and no fault may happen in ring 0 (interrupts are off
 * here, and f is on a kernel stack), and the kernel stack is empty for the next entry.
 * Symptoms when wrong: general protection fault at iretq (selectors, canonical rip); a triple
 * fault at the program's first system call (swapgs forgotten); kernel addresses in user registers.
 * Reading: SDM vol. 3, 6.12.1 and vol. 2, IRET and SWAPGS; struct trapframe in common/trap.h.
 */
#include "common/asm.h"

	.text
FUNCTION enter_user_mode
	/* EXERCISE 2.4 BEGIN  blank: jmp exercise_halt */
	cli
	mov %rdi, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rax
	pop %rcx
	pop %rdx
	pop %rsi
	pop %rdi
	add $8, %rsp			/* orig_rax */
	swapgs
	iretq
	/* EXERCISE 2.4 END */
END_FUNCTION enter_user_mode

	.section .note.GNU-stack, "", @progbits
