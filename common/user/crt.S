/*
 * Where a user program begins (System V ABI AMD64, 3.4.1): argc and the pointers lie on the
 * stack. Calls main(argc, argv, envp) and exits with what it returns: by SYSCALL, or, for the
 * programs of lab 02, which has none yet, by INT 0x80.
 */
	.text
	.globl _start
	.type _start, @function
_start:
	xor %ebp, %ebp
	mov (%rsp), %rdi
	lea 8(%rsp), %rsi
	lea 8(%rsi,%rdi,8), %rdx
	and $-16, %rsp
	call main
#ifdef INT80
	mov %eax, %ebx
	mov $1, %eax			/* exit */
	int $0x80
#else
	mov %eax, %edi
	mov $231, %eax			/* exit_group */
	syscall
#endif
	hlt
	.size _start, . - _start

	.section .note.GNU-stack, "", @progbits
