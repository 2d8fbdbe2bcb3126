/*
 * Exercise 2.1: the context switch.
 *
 * Goal: context_switch(u64 *save, u64 load) leaves one thread and returns in another.
 * Invariant: what the C compiler believes to survive a call (rbx, rbp, r12 to r15, rsp:
 * psABI, figure 3.4) survives, everything else need not. The frame laid out here is the one that
 * thread_alloc() builds by hand for a thread that has never run.
 * Symptoms when wrong: local variables change across schedule(); a jump to address 0 or into
 * data at the first switch (order of pops and pushes differs).
 * Reading: psABI section 3.2.1; xv6 book, chapter 7.
 */
#include "common/asm.h"

	.text
FUNCTION context_switch
	/* EXERCISE 2.1 BEGIN  blank: ret */
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret
	/* EXERCISE 2.1 END */
END_FUNCTION context_switch

	.section .note.GNU-stack, "", @progbits
