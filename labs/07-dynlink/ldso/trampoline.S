/*
 * Where a program's first call of a lazily bound function ends up (psABI 5.2, "Procedure Linkage
 * Table"): the PLT has pushed the number of the relocation, then the object, and jumped here.
 *
 *	16(%rsp)	return address of the call that is being bound
 *	 8(%rsp)	number of the relocation
 *	  (%rsp)	object
 */
#include "common/asm.h"

	.text
	.globl	resolve_trampoline
	.hidden	resolve_trampoline
	.type	resolve_trampoline, @function

/*
 * Exercise 7.7, second part: the way to the function.
 *
 * Goal: call bind_lazily(object, number) and jump to the address that it returns, with the
 * stack as the caller's call instruction left it: the function must not notice.
 * Invariants: every register that may carry an argument is kept: rdi, rsi, rdx, rcx, r8, r9;
 * rax (the number of vector arguments of a variadic call), r10 (static chain); the vector
 * registers, of which the linker itself uses none, but the resolver of an indirect function is
 * anybody's code. Save them in vector_save_size bytes, aligned to 64: by xsave64 with edx:eax
 * all ones if vector_save_xsave is not 0, where the 64 bytes at offset 512 must be 0 before;
 * else by fxsave64. The stack is aligned to 16 at a call. Callee-saved registers (rbx, rbp, r12
 * to r15) come back unchanged.
 * Symptom when wrong: printf() of floating-point numbers prints nonsense, the first time only.
 * Read: psABI 3.2.3, "Parameter Passing"; Intel SDM volume 1, 13.7; objdump -d -j .plt on a
 * program.
 * Tests: ldso_lazy_registers, ldso_lazy_vectors, ldso_lazy_slot.
 */
resolve_trampoline:
	/* EXERCISE 7.7: your code here. */
	EXERCISE_BLANK_ASM "7.7"
	ud2
	.size	resolve_trampoline, . - resolve_trampoline

	.section .note.GNU-stack, "", @progbits
