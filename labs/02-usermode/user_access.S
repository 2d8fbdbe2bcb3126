/*
 * The other instructions that touch user memory: what uaccess.c calls after its range checks. How a
 * fault in them ends well: exercise 2.5, user_copy.S.
 */
#include "common/asm.h"

	.text

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
