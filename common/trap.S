/*
 * Entry and exit of exceptions and interrupts. (Intel SDM vol. 3, chapter 6.)
 *
 * 256 stubs bring all vectors to one form: an error code (0 where the CPU pushes none) in the
 * slot that struct trapframe calls orig_rax, the vector in EDI. Then the registers are saved and
 * trap_dispatch(frame, vector, error) does the rest.
 *
 * GS: in the kernel it points to struct cpu, in user mode it is the program's. An entry from
 * ring 3 exchanges them. NMI, double fault and machine check may hit between ring 0 and the
 * exchange, so they look at the base itself: the kernel's is negative.
 */
#include "common/asm.h"

	.text

.macro SAVE_REGISTERS
	PUSH_REGISTERS %rax
	cld
	ASM_CLAC
.endm

.macro RESTORE_REGISTERS
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rax
	pop %rcx
	pop %rdx
	pop %rsi
	pop %rdi
	add $8, %rsp			/* orig_rax */
.endm

/* trap_dispatch()'s arguments: EDI has the vector. The ABI then wants calls at multiples of 16. */
.macro LOAD_ARGUMENTS
	mov %edi, %esi
	mov %rsp, %rdi
	mov FRAME_ORIG_RAX(%rsp), %rdx
	movq $-1, FRAME_ORIG_RAX(%rsp)
.endm

	.balign 16
	.globl trap_stubs
trap_stubs:
	vector = 0
	.rept 256
	.balign 16
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || \
	      vector == 29 || vector == 30)
	push $0
	.endif
	push %rdi
	mov $vector, %edi
	.if vector == 2 || vector == 8 || vector == 18
	jmp trap_paranoid
	.else
	jmp trap_common
	.endif
	vector = vector + 1
	.endr

	.balign 16
FUNCTION trap_common
	SAVE_REGISTERS
	testb $3, FRAME_CS(%rsp)
	jz .Lfrom_kernel
	swapgs
	xor %ebp, %ebp
	LOAD_ARGUMENTS
	sub $8, %rsp
	call trap_dispatch
	add $8, %rsp
	jmp trap_return

.Lfrom_kernel:
	cmpq $iret_to_user, FRAME_RIP(%rsp)
	je .Lbad_return
	LOAD_ARGUMENTS
	sub $8, %rsp
	call trap_dispatch
	add $8, %rsp
	RESTORE_REGISTERS
	iretq

	/*
	 * The IRETQ below refused the user's RIP, CS or SS. GS is the user's already, and so are
	 * the registers: make it look like a fault of the user's instruction.
	 */
.Lbad_return:
	swapgs
	mov %edi, %ebx
	mov %rsp, %rdi
	call trap_bad_return		/* returns where the frame is now */
	mov %rax, %rsp
	mov %ebx, %edi
	xor %ebp, %ebp
	LOAD_ARGUMENTS
	sub $8, %rsp
	call trap_dispatch
	add $8, %rsp
	jmp trap_return
END_FUNCTION trap_common

	.balign 16
FUNCTION trap_return
	testb $3, FRAME_CS(%rsp)
	jz 1f
	RESTORE_REGISTERS
	swapgs
	.globl iret_to_user
iret_to_user:
	iretq
1:	RESTORE_REGISTERS
	iretq
END_FUNCTION trap_return

FUNCTION trap_paranoid
	SAVE_REGISTERS
	mov %edi, %r12d
	xor %ebx, %ebx
	mov $0xc0000101, %ecx		/* IA32_GS_BASE */
	rdmsr
	test %edx, %edx
	js 1f
	swapgs
	inc %ebx
1:	mov %r12d, %edi
	LOAD_ARGUMENTS
	sub $8, %rsp
	call trap_dispatch_paranoid
	add $8, %rsp
	test %ebx, %ebx
	jz 2f
	swapgs
2:	RESTORE_REGISTERS
	iretq
END_FUNCTION trap_paranoid

	.section .note.GNU-stack, "", @progbits
