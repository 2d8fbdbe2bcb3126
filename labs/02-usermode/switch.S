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
	/* EXERCISE 2.1: your code here. */
	EXERCISE_BLANK_ASM "2.1"
	ret
END_FUNCTION context_switch

	.section .note.GNU-stack, "", @progbits
