/*
 * Where the other CPUs begin: in real mode, at a page below 1 MiB to which this code is copied.
 * On to protected mode and long mode on the boot page tables, which map low memory one to
 * one; then to the kernel's address, with the stack and the function that smp.c left at the end.
 * (Intel SDM vol. 3, 9.8.5 and 9.9.)
 */
#include "common/asm.h"

/* Address of a label in the copy at 0x8000. */
#define COPY(label)	(0x8000 + label - trampoline_start)

	.section .rodata
	.balign 16
	.globl trampoline_start, trampoline_end, trampoline_args
	.code16
trampoline_start:
	cli
	cld
	xor %ax, %ax
	mov %ax, %ds
	lgdtl COPY(gdt_pointer)
	mov %cr0, %eax
	or $1, %eax
	mov %eax, %cr0
	ljmpl $0x08, $COPY(protected)

	.code32
protected:
	mov $ASM_SEL_KERNEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %cr4, %eax
	or $0x6a0, %eax			/* PAE, PGE, OSFXSR, OSXMMEXCPT */
	mov %eax, %cr4
	mov $(boot_pml4 - ASM_KERNEL_BASE), %eax
	mov %eax, %cr3
	mov $0xc0000080, %ecx		/* EFER: long mode, no-execute */
	rdmsr
	or $0x900, %eax
	wrmsr
	mov %cr0, %eax
	and $~0x6000000c, %eax		/* caches on; no EM, no TS */
	or $0x80010022, %eax		/* PG, WP, NE, MP */
	mov %eax, %cr0
	ljmp $ASM_SEL_KERNEL_CODE, $COPY(long_mode)

	.code64
long_mode:
	mov $ASM_SEL_KERNEL_DATA, %eax
	mov %eax, %ss
	mov %eax, %ds
	mov COPY(trampoline_args), %rbx
	mov COPY(trampoline_args + 8), %rax
	mov COPY(trampoline_args + 16), %rdi
	movabs $trampoline_high, %rcx
	jmp *%rcx

	.balign 8
gdt:	.quad 0
	.quad 0x00cf9b000000ffff	/* 0x08: 32-bit code */
	.quad 0x00af9b000000ffff	/* 0x10: 64-bit code */
	.quad 0x00cf93000000ffff	/* 0x18: data */
gdt_pointer:
	.short gdt_pointer - gdt - 1
	.long COPY(gdt)
	.balign 8
trampoline_args:
	.quad 0, 0, 0
trampoline_end:

	/* At the kernel's address: the kernel's own tables, which map the stack; rbx has its top. */
	.text
FUNCTION trampoline_high
	movabs $ASM_DIRECT_MAP_BASE, %rcx
	mov kernel_pt, %rdx
	sub %rcx, %rdx
	mov %rdx, %cr3
	mov %rbx, %rsp
	fninit
	xor %ebp, %ebp
	push $0
	jmp *%rax
END_FUNCTION trampoline_high

	.section .note.GNU-stack, "", @progbits
