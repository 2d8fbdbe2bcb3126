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
/* size_t copy_from_user(void *dst, const void __user *src, size_t n) */
FUNCTION copy_from_user
	/* EXERCISE 2.5: your code here. */
	EXERCISE_BLANK_ASM "2.5"
	mov %rdx, %rax
	ret
END_FUNCTION copy_from_user

/* size_t copy_to_user(void __user *dst, const void *src, size_t n) */
FUNCTION copy_to_user
	/* EXERCISE 2.5: your code here. */
	EXERCISE_BLANK_ASM "2.5"
	mov %rdx, %rax
	ret
END_FUNCTION copy_to_user

	.section .note.GNU-stack, "", @progbits
