/*
 * Start of the labs' own dynamically linked programs: calls main(argc, argv, envp), then the
 * linker's destructors (psABI 3.4.1: rdx holds their address), then exits.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp
	movq	%rdx, %rbx
	movq	(%rsp), %rdi
	leaq	8(%rsp), %rsi
	leaq	16(%rsp,%rdi,8), %rdx
	andq	$-16, %rsp
	call	main
	movl	%eax, %r12d
	testq	%rbx, %rbx
	jz	1f
	call	*%rbx
1:	movl	%r12d, %edi
	movl	$231, %eax		/* exit_group */
	syscall
	hlt
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
