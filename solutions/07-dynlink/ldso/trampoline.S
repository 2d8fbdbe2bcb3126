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
	/* EXERCISE 7.7 BEGIN  blank: ud2 */
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	subq	vector_save_size(%rip), %rsp
	andq	$-64, %rsp
	cmpb	$0, vector_save_xsave(%rip)
	je	1f
	movq	%rsp, %rdi
	addq	$512, %rdi
	movl	$8, %ecx
	xorl	%eax, %eax
	rep stosq
	movl	$-1, %eax
	movl	%eax, %edx
	xsave64	(%rsp)
	jmp	2f
1:	fxsave64 (%rsp)
2:	movq	8(%rbp), %rdi
	movq	16(%rbp), %rsi
	call	bind_lazily
	movq	%rax, 16(%rbp)		/* where the ret below finds it */
	cmpb	$0, vector_save_xsave(%rip)
	je	3f
	movl	$-1, %eax
	movl	%eax, %edx
	xrstor64 (%rsp)
	jmp	4f
3:	fxrstor64 (%rsp)
4:	leaq	-64(%rbp), %rsp
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	popq	%rbp
	addq	$8, %rsp		/* the object */
	ret
	/* EXERCISE 7.7 END */
	.size	resolve_trampoline, . - resolve_trampoline

	.section .note.GNU-stack, "", @progbits
