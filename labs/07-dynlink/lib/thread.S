/*
 * long mini_clone(flags, stack, tid, tp, fn, arg): clone(2) (rdi flags, rsi stack, rdx and r10
 * where the thread's number goes and is cleared at its end, r8 thread pointer). In the new
 * thread: fn(arg) on the new stack, then exit(2) of this thread alone.
 */
	.text
	.globl	mini_clone
	.type	mini_clone, @function
mini_clone:
	andq	$-16, %rsi
	movq	%r8, -16(%rsi)		/* fn and arg wait on the new stack */
	movq	%r9, -8(%rsi)
	subq	$16, %rsi
	movq	%rcx, %r8
	movq	%rdx, %r10
	movl	$56, %eax		/* clone */
	syscall
	testq	%rax, %rax
	jz	1f
	ret
1:	xorl	%ebp, %ebp
	popq	%rax
	popq	%rdi
	call	*%rax
	xorl	%edi, %edi
	movl	$60, %eax		/* exit */
	syscall
	hlt
	.size	mini_clone, . - mini_clone

	.section .note.GNU-stack, "", @progbits
