/*
 * Where the kernel enters the linker; and the two ends of catch() (error.c).
 */
	.text
	.globl	_start
	.hidden	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi		/* argc, argv, environment, auxiliary vector */
	andq	$-16, %rsp
	call	linker_main		/* returns the program's entry */
	movq	new_stack(%rip), %rsp	/* as the program shall see it */
	leaq	at_exit(%rip), %rdx	/* psABI 3.4.1: the program calls it at exit */
	jmp	*%rax
	.size	_start, . - _start

/*
 * catch_call(fn, arg, frame): call fn(arg) and return NULL. The registers that a function must
 * keep (psABI 3.2.1) and the outer catch's frame are on the stack, and *frame points to them.
 */
	.globl	catch_call
	.hidden	catch_call
	.type	catch_call, @function
catch_call:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdx
	pushq	(%rdx)
	movq	%rsp, (%rdx)
	movq	%rdi, %rax
	movq	%rsi, %rdi
	subq	$8, %rsp
	call	*%rax
	addq	$8, %rsp
	xorl	%eax, %eax
1:	popq	%rcx			/* the outer catch's frame */
	popq	%rdx
	movq	%rcx, (%rdx)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	catch_call, . - catch_call

/* catch_jump(message, frame): end the innermost catch_call(), which returns the message. */
	.globl	catch_jump
	.hidden	catch_jump
	.type	catch_jump, @function
catch_jump:
	movq	(%rsi), %rsp
	movq	%rdi, %rax
	jmp	1b
	.size	catch_jump, . - catch_jump

	.section .note.GNU-stack, "", @progbits
