/*
 * The instructions that touch user memory (contract in uaccess.h).
 *
 * All moves are of 64 bits as long as possible. Every one of them may fault; the table of
 * recoverable faults then sends it to the byte loop, which finds the exact end, and a fault
 * there returns what is left.
 */
#include "common/asm.h"

	.text

/* size_t user_copy_raw(void *dst, const void *src, size_t n): bytes not copied. */
FUNCTION user_copy_raw
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
7:	mov %rdx, %rax
	ASM_CLAC
	ret
8:	add $56, %rdx		/* a fault among the 64 bytes */
	jmp 5b
	EXTABLE 1b, 8b
	EXTABLE 11b, 8b
	EXTABLE 12b, 8b
	EXTABLE 13b, 8b
	EXTABLE 14b, 8b
	EXTABLE 15b, 8b
	EXTABLE 16b, 8b
	EXTABLE 17b, 8b
	EXTABLE 18b, 8b
	EXTABLE 19b, 8b
	EXTABLE 20b, 8b
	EXTABLE 21b, 8b
	EXTABLE 22b, 8b
	EXTABLE 23b, 8b
	EXTABLE 24b, 8b
	EXTABLE 25b, 8b
	EXTABLE 4b, 5b
	EXTABLE 41b, 5b
	EXTABLE 6b, 7b
	EXTABLE 61b, 7b
END_FUNCTION user_copy_raw

/* size_t user_clear_raw(void *dst, size_t n): bytes not cleared. */
FUNCTION user_clear_raw
	ASM_STAC
	xor %eax, %eax
	sub $64, %rsi
	jb 3f
1:	mov %rax, (%rdi)
11:	mov %rax, 8(%rdi)
12:	mov %rax, 16(%rdi)
13:	mov %rax, 24(%rdi)
14:	mov %rax, 32(%rdi)
15:	mov %rax, 40(%rdi)
16:	mov %rax, 48(%rdi)
17:	mov %rax, 56(%rdi)
	add $64, %rdi
	sub $64, %rsi
	jae 1b
3:	add $56, %rsi		/* what is left, less 8 */
	js 5f
4:	mov %rax, (%rdi)
	add $8, %rdi
	sub $8, %rsi
	jns 4b
5:	add $8, %rsi
	jz 7f
6:	movb %al, (%rdi)
	inc %rdi
	dec %rsi
	jnz 6b
7:	mov %rsi, %rax
	ASM_CLAC
	ret
8:	add $56, %rsi		/* a fault among the 64 bytes */
	jmp 5b
	EXTABLE 1b, 8b
	EXTABLE 11b, 8b
	EXTABLE 12b, 8b
	EXTABLE 13b, 8b
	EXTABLE 14b, 8b
	EXTABLE 15b, 8b
	EXTABLE 16b, 8b
	EXTABLE 17b, 8b
	EXTABLE 4b, 5b
	EXTABLE 6b, 7b
END_FUNCTION user_clear_raw

/*
 * ssize_t user_string_raw(char *dst, const char *src, size_t n): copies up to and with a zero byte;
 * its index, n if there was none, -1 on a fault.
 */
FUNCTION user_string_raw
	ASM_STAC
	xor %eax, %eax
1:	cmp %rdx, %rax
	je 3f
2:	movb (%rsi,%rax), %cl
	movb %cl, (%rdi,%rax)
	test %cl, %cl
	jz 3f
	inc %rax
	jmp 1b
3:	ASM_CLAC
	ret
4:	mov $-1, %rax
	jmp 3b
	EXTABLE 2b, 4b
END_FUNCTION user_string_raw

/* size_t user_strnlen_raw(const char *s, size_t n): index of the zero byte, n if none, -1 on a fault. */
FUNCTION user_strnlen_raw
	ASM_STAC
	xor %eax, %eax
1:	cmp %rsi, %rax
	je 3f
2:	cmpb $0, (%rdi,%rax)
	je 3f
	inc %rax
	jmp 1b
3:	ASM_CLAC
	ret
4:	mov $-1, %rax
	jmp 3b
	EXTABLE 2b, 4b
END_FUNCTION user_strnlen_raw

/* int user_cmpxchg32_raw(u32 *p, u32 expected, u32 new, u32 *old): 0, or -1 on a fault. */
FUNCTION user_cmpxchg32_raw
	ASM_STAC
	mov %esi, %eax
1:	lock cmpxchg %edx, (%rdi)
	ASM_CLAC
	mov %eax, (%rcx)
	xor %eax, %eax
	ret
2:	ASM_CLAC
	mov $-1, %eax
	ret
	EXTABLE 1b, 2b
END_FUNCTION user_cmpxchg32_raw

	.section .note.GNU-stack, "", @progbits
