/*
 * The first instructions: from a boot loader's 32-bit protected mode to 64-bit C.
 *
 * Two loaders enter here, both with paging off and flat segments: GRUB by Multiboot2 (its
 * specification, 3.3) and QEMU's -kernel by PVH (Xen's docs/misc/pvh.pandoc). What each passes
 * is a physical address in EBX; EAX tells which one it was.
 *
 * The early page tables map the first 4 GiB twice, at 0 (dropped by lab 01) and in the direct
 * map, and the first GiB at KERNEL_BASE. Pages of 2 MiB: not every CPU has 1 GiB ones.
 * (Intel SDM vol. 3, 9.8.5: entering IA-32e mode.)
 */
#include "common/asm.h"

#define PHYS(sym)	((sym) - ASM_KERNEL_BASE)
#define MB2_MAGIC	0xe85250d6
#define PVH_MAGIC	0x336ec578	/* first word of what PVH passes */
#define PAGE_RW		0x003
#define PAGE_LARGE_RW	0x083

	.section .multiboot2, "a"
	.balign 8
header:
	.long MB2_MAGIC, 0, header_end - header
	.long 0x100000000 - (MB2_MAGIC + (header_end - header))
	/* entry address */
	.short 3, 0
	.long 12, PHYS(boot_multiboot2)
	.balign 8
	/* modules on page boundaries */
	.short 6, 0
	.long 8
	/* end */
	.short 0, 0
	.long 8
header_end:

	/* XEN_ELFNOTE_PHYS32_ENTRY: where PVH enters */
	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 8, 18
	.asciz "Xen"
	.quad PHYS(boot_pvh)

	.section .text.boot, "ax"
	.code32
FUNCTION boot_pvh
	mov $PVH_MAGIC, %eax
END_FUNCTION boot_pvh
FUNCTION boot_multiboot2
	cli
	cld
	mov $PHYS(boot_stack_top), %esp
	mov %eax, %edi			/* kernel_early()'s first argument */
	mov %ebx, %esi			/* and its second */

	/* Long mode and no-execute: CPUID 8000_0001h, EDX bits 29 and 20. */
	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb .Lno_long_mode
	mov $0x80000001, %eax
	cpuid
	and $0x20100000, %edx
	cmp $0x20100000, %edx
	jne .Lno_long_mode

	/* Four page directories: 2048 pages of 2 MiB. */
	mov $PHYS(boot_pd), %ebx
	mov $PAGE_LARGE_RW, %eax
	mov $2048, %ecx
1:	mov %eax, (%ebx)
	add $0x200000, %eax
	add $8, %ebx
	loop 1b

	mov $PHYS(boot_pdpt_low), %ebx
	mov $PHYS(boot_pd) + PAGE_RW, %eax
	mov $4, %ecx
2:	mov %eax, (%ebx)
	add $0x1000, %eax
	add $8, %ebx
	loop 2b
	movl $PHYS(boot_pd) + PAGE_RW, PHYS(boot_pdpt_high) + 510 * 8
	movl $PHYS(boot_pd) + 0x1000 + PAGE_RW, PHYS(boot_pdpt_high) + 511 * 8

	movl $PHYS(boot_pdpt_low) + PAGE_RW, PHYS(boot_pml4)
	movl $PHYS(boot_pdpt_low) + PAGE_RW, PHYS(boot_pml4) + 256 * 8
	movl $PHYS(boot_pdpt_high) + PAGE_RW, PHYS(boot_pml4) + 511 * 8

	/* PAE, global pages, SSE instructions and their exceptions */
	mov %cr4, %eax
	or $0x6a0, %eax
	mov %eax, %cr4
	mov $PHYS(boot_pml4), %eax
	mov %eax, %cr3
	/* EFER: long mode, no-execute */
	mov $0xc0000080, %ecx
	rdmsr
	or $0x900, %eax
	wrmsr
	/* CR0: paging, write protection for the kernel too, native FPU errors; no EM, no TS */
	mov %cr0, %eax
	and $~0xc, %eax
	or $0x80010022, %eax
	mov %eax, %cr0

	lgdt PHYS(boot_gdt_pointer)
	ljmp $ASM_SEL_KERNEL_CODE, $PHYS(.Lboot64)

.Lno_long_mode:
	mov $PHYS(no_long_mode_text), %esi
3:	lodsb
	test %al, %al
	jz 4f
	mov %al, %cl
	mov $0x3fd, %dx			/* wait for room in the serial port */
5:	in (%dx), %al
	test $0x20, %al
	jz 5b
	mov $0x3f8, %dx
	mov %cl, %al
	out %al, (%dx)
	jmp 3b
4:	hlt
	jmp 4b

	.code64
.Lboot64:
	mov $ASM_SEL_KERNEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	movabs $.Lboot_high, %rax
	jmp *%rax
.Lboot_high:
	movabs $boot_stack_top, %rsp
	fninit
	mov %edi, %edi			/* upper halves are undefined so far */
	mov %esi, %esi
	xor %ebp, %ebp			/* the end of every backtrace */
	call kernel_early
1:	hlt
	jmp 1b
END_FUNCTION boot_multiboot2

	.section .rodata
no_long_mode_text:
	.asciz "Trellis needs a 64-bit CPU with no-execute pages.\r\n"
	.balign 8
boot_gdt:
	.quad 0
	.quad 0
	.quad 0x00af9b000000ffff	/* 64-bit code */
	.quad 0x00cf93000000ffff	/* data */
boot_gdt_pointer:
	.short boot_gdt_pointer - boot_gdt - 1
	.long PHYS(boot_gdt)

	.bss
	.balign 4096
	.globl boot_pml4
boot_pml4:	.skip 4096
boot_pdpt_low:	.skip 4096
boot_pdpt_high:	.skip 4096
boot_pd:	.skip 4 * 4096
	/* One page that lab 01 leaves unmapped, so that an overflow is noticed. */
	.globl boot_stack_guard
boot_stack_guard: .skip 4096
	.globl boot_stack
boot_stack:	.skip ASM_BOOT_STACK_SIZE
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
