/*
 * int lazy_call(const unsigned long general[8], const char vector[8][32], int wide): load all
 * registers that may carry arguments, call probe_registers() through the PLT, and return 1 if the
 * stack pointer and the registers that a function must keep are as before.
 */
	.text
	.globl	lazy_call
	.type	lazy_call, @function
lazy_call:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	movq	$0x1234, %rbx
	movq	%rsp, %rbp
	movq	$0x12, %r12
	movq	$0x13, %r13
	movq	$0x14, %r14
	movq	$0x15, %r15
	movq	%rdi, %r11
	testl	%edx, %edx
	jnz	1f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	movdqu	\n * 32(%rsi), %xmm\n
	.endr
	jmp	2f
1:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	vmovdqu	\n * 32(%rsi), %ymm\n
	.endr
2:	movq	(%r11), %rdi
	movq	8(%r11), %rsi
	movq	16(%r11), %rdx
	movq	24(%r11), %rcx
	movq	32(%r11), %r8
	movq	40(%r11), %r9
	movq	48(%r11), %rax
	movq	56(%r11), %r10
	call	probe_registers@PLT
	xorl	%eax, %eax
	cmpq	$0x1234, %rbx
	jne	3f
	cmpq	%rsp, %rbp
	jne	3f
	cmpq	$0x12, %r12
	jne	3f
	cmpq	$0x13, %r13
	jne	3f
	cmpq	$0x14, %r14
	jne	3f
	cmpq	$0x15, %r15
	jne	3f
	movl	$1, %eax
3:	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	lazy_call, . - lazy_call

	.section .note.GNU-stack, "", @progbits
