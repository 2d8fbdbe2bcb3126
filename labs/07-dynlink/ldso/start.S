/*
 * Where the kernel enters the linker, and where a program's first call of a library function ends
 * up (psABI 5.2, "Procedure Linkage Table").
 */
	.text
	.globl	_start
	.hidden	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi		/* argc, argv, environment, auxiliary vector */
	movq	%rsp, %rbx
	andq	$-16, %rsp
	call	linker_main		/* returns the program's entry */
	movq	new_stack(%rip), %rsp	/* without the linker's own arguments, if it was run directly */
	leaq	run_destructors(%rip), %rdx	/* psABI 3.4.1: the program calls it at exit */
	jmp	*%rax
	.size	_start, . - _start

/*
 * Jumped to from the first entry of a PLT with the object and the number of the relocation on the
 * stack, above the return address of the call that is being bound. All registers that may carry arguments
 * are kept; the linker uses no others than the general ones.
 */
	.globl	resolve_trampoline
	.hidden	resolve_trampoline
	.type	resolve_trampoline, @function
resolve_trampoline:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	movq	72(%rsp), %rdi		/* object */
	movq	80(%rsp), %rsi		/* relocation */
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	bind_lazily
	movq	%rbp, %rsp
	popq	%rbp
	movq	%rax, 80(%rsp)		/* take the place of the relocation's number */
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$8, %rsp
	ret				/* to the function */
	.size	resolve_trampoline, . - resolve_trampoline

	.section .note.GNU-stack, "", @progbits
