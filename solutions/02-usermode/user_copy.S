/*
 * Exercise 2.5: copying from and to user memory.
 *
 * Goal: copy_from_user() and copy_to_user() (contract in uaccess.h; C calls them directly). The
 * program's pointer may be anything: outside user space, into memory that is not there,
 * read-only, or on a border between good and bad. A fault on a good page is served as for
 * the program itself, and the copy goes on; any other fault continues where the table of
 * recoverable faults says: `EXTABLE 1b, 2f` after the code sends a fault at label 1 to label
 * 2, all registers as they were.
 * Invariants: only user addresses (below USER_END, with all of their n bytes) are touched;
 * user memory is open (ASM_STAC ... ASM_CLAC) from the first access to the last and on no
 * way out; every instruction that touches user memory has an entry; what is returned is
 * exactly how many bytes were not copied, and no byte behind them has changed.
 * Symptoms when wrong: a program reads or writes the kernel through write(2) or read(2);
 * a panic by a page fault at a user address (no entry; STAC forgotten on a CPU with SMAP);
 * a short read that tells one byte too many; later wild pointers in the kernel go unnoticed
 * (CLAC forgotten).
 * A loop of single bytes is right, but slow: moves of 64 bits make it several times as fast.
 * Reading: common/asm.h; user_access.S, where the same is done for strings; SDM vol. 3,
 * 4.6.1 (SMAP).
 */
#include "common/asm.h"

	.text
/* EXERCISE 2.5 BEGIN  blank-toplevel */
/* Go to the next label 9 unless the rdx bytes at start are all user addresses. */
.macro CHECK_USER start
	mov $ASM_USER_END, %rax
	sub %rdx, %rax
	jb 9f
	cmp %rax, \start
	ja 9f
.endm

/* EXERCISE 2.5 END */
/* size_t copy_from_user(void *dst, const void __user *src, size_t n) */
FUNCTION copy_from_user
	/* EXERCISE 2.5 BEGIN  blank: mov %rdx, %rax; ret */
	CHECK_USER %rsi
	jmp copy
	/* EXERCISE 2.5 END */
END_FUNCTION copy_from_user

/* size_t copy_to_user(void __user *dst, const void *src, size_t n) */
FUNCTION copy_to_user
	/* EXERCISE 2.5 BEGIN  blank: mov %rdx, %rax; ret */
	CHECK_USER %rdi
copy:	push %rbp		/* a frame: who made this copy is what a backtrace should say */
	mov %rsp, %rbp
	ASM_STAC
	sub $64, %rdx
	jb 3f
1:	mov (%rsi), %r8
11:	mov 8(%rsi), %r9
12:	mov 16(%rsi), %r10
13:	mov 24(%rsi), %r11
14:	mov %r8, (%rdi)
15:	mov %r9, 8(%rdi)
16:	mov %r10, 16(%rdi)
17:	mov %r11, 24(%rdi)
18:	mov 32(%rsi), %r8
19:	mov 40(%rsi), %r9
20:	mov 48(%rsi), %r10
21:	mov 56(%rsi), %r11
22:	mov %r8, 32(%rdi)
23:	mov %r9, 40(%rdi)
24:	mov %r10, 48(%rdi)
25:	mov %r11, 56(%rdi)
	add $64, %rsi
	add $64, %rdi
	sub $64, %rdx
	jae 1b
3:	add $56, %rdx		/* what is left, less 8 */
	js 5f
4:	mov (%rsi), %r8
41:	mov %r8, (%rdi)
	add $8, %rsi
	add $8, %rdi
	sub $8, %rdx
	jns 4b
5:	add $8, %rdx
	jz 7f
6:	movb (%rsi), %r8b
61:	movb %r8b, (%rdi)
	inc %rsi
	inc %rdi
	dec %rdx
	jnz 6b
7:	ASM_CLAC
	pop %rbp
9:	mov %rdx, %rax
	ret
8:	add $56, %rdx		/* a fault among the 64 bytes: byte by byte to where it was */
	jmp 5b
	.irp label, 1b, 11b, 12b, 13b, 14b, 15b, 16b, 17b, 18b, 19b, 20b, 21b, 22b, 23b, 24b, 25b
	EXTABLE \label, 8b
	.endr
	EXTABLE 4b, 5b
	EXTABLE 41b, 5b
	EXTABLE 6b, 7b
	EXTABLE 61b, 7b
	/* EXERCISE 2.5 END */
END_FUNCTION copy_to_user

	.section .note.GNU-stack, "", @progbits
