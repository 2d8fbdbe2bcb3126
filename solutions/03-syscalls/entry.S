/*
 * EXERCISE 3.1: the SYSCALL instruction's entry.
 *
 * Goal: save all user registers as a struct trapframe at the top of the kernel stack, call
 * syscall_dispatch(frame) with interrupts on, do the work that waits for the way back, restore
 * the registers and leave: by SYSRET where that is safe, else by IRETQ.
 *
 * SYSCALL changes almost nothing: RIP goes to RCX, RFLAGS to R11, the flags in SFMASK (IF, DF,
 * TF, AC, NT) are cleared, CS and SS are the kernel's. RSP and GS are still the user's. The first
 * three lines below repair that; from there on you may push.
 *
 * Invariant: the frame is complete (orig_rax has the number, rax has -ENOSYS, rcx and r11 what
 * SYSCALL put there), so that fork, signals and tracing can copy or change it. With interrupts off
 * from the last look at current->work to the return, no work is missed. SYSRET takes RIP
 * from RCX and RFLAGS from R11 and knows nothing else: it may be used only if the frame
 * says the same, the address is a user's (else it faults in ring 0 with the user's stack, the
 * bug CVE-2012-0217), and neither TF nor RF is set.
 *
 * When it is wrong: the first system call triple-faults (RSP or GS not switched), programs lose
 * registers over a call (order of the pops), a call's result is the number of the call (rax
 * and orig_rax exchanged), a program never yields or cannot be killed (work not looked at).
 *
 * Read first: common/trap.h (the frame), common/trap.S (the same for interrupts), common/asm.h
 * (PUSH_REGISTERS); Intel SDM vol. 2, SYSCALL and SYSRET; System V ABI AMD64, A.2.1.
 * Tests: syscall_registers, syscall_flags, entry_frame, entry_work, entry_changed_frame.
 */
#include "common/asm.h"

#define SEL_USER_CODE	0x33
#define SEL_USER_DATA	0x2b
#define ENOSYS		38
#define RFLAGS_TF_RF	0x10100
#define THREAD_WORK	0		/* 02-usermode/thread.h */
#define WORK_EXIT	0xff
#define USER_BITS	47		/* a user address has no bit from here on */

	.text
	.balign 64
FUNCTION syscall_entry
	swapgs
	mov %rsp, %gs:GS_USER_RSP
	mov %gs:GS_KERNEL_STACK, %rsp
	/* EXERCISE 3.1 BEGIN  blank: mov $-ENOSYS, %rax */
	push $SEL_USER_DATA
	push %gs:GS_USER_RSP
	push %r11			/* rflags */
	push $SEL_USER_CODE
	push %rcx			/* rip */
	push %rax			/* orig_rax */
	push %rdi
	PUSH_REGISTERS $-ENOSYS
	mov %rsp, %rdi
	xor %ebp, %ebp			/* the backtrace ends here */
	sub $8, %rsp			/* the ABI wants calls at multiples of 16 */
	sti
	call syscall_dispatch
	cli
	add $8, %rsp
	mov %gs:GS_CURRENT, %rax
	testb $WORK_EXIT, THREAD_WORK(%rax)
	jnz return_with_work

return_to_program:
	mov FRAME_RCX(%rsp), %rcx
	mov FRAME_R11(%rsp), %r11
	cmp %rcx, FRAME_RIP(%rsp)
	jne return_by_iret
	cmp %r11, FRAME_RFLAGS(%rsp)
	jne return_by_iret
	cmpq $SEL_USER_CODE, FRAME_CS(%rsp)
	jne return_by_iret
	cmpq $SEL_USER_DATA, FRAME_SS(%rsp)
	jne return_by_iret
	test $RFLAGS_TF_RF, %r11d
	jnz return_by_iret
	mov %rcx, %rax
	shr $USER_BITS, %rax
	jnz return_by_iret
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	add $8, %rsp			/* r11 */
	pop %r10
	pop %r9
	pop %r8
	pop %rax
	add $8, %rsp			/* rcx */
	pop %rdx
	pop %rsi
	pop %rdi
	mov FRAME_RSP - FRAME_ORIG_RAX(%rsp), %rsp
	swapgs
	sysretq

return_with_work:
	mov %rsp, %rdi
	sub $8, %rsp
	call return_to_user		/* interrupts off before and after */
	add $8, %rsp
	jmp return_to_program

return_by_iret:
	jmp trap_return
	/* EXERCISE 3.1 END */
	mov %gs:GS_USER_RSP, %rsp
	swapgs
	sysretq
END_FUNCTION syscall_entry

	.section .note.GNU-stack, "", @progbits
