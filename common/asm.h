/*
 * What assembly shares with C: constants without C's suffixes, the offsets of struct trapframe,
 * the table of recoverable faults, and STAC/CLAC that become real only where the CPU has SMAP.
 * cpu.c asserts that the numbers agree with the C headers.
 */
#pragma once

#define ASM_KERNEL_BASE		0xffffffff80000000
#define ASM_DIRECT_MAP_BASE	0xffff800000000000
#define ASM_KERNEL_LOAD		0x200000
#define ASM_BOOT_STACK_SIZE	0x4000
#define ASM_USER_END		0x7ffffffff000

/* Offsets in struct trapframe (common/trap.h). */
#define FRAME_R15	0
#define FRAME_R11	48
#define FRAME_RAX	80
#define FRAME_RCX	88
#define FRAME_RDI	112
#define FRAME_ORIG_RAX	120
#define FRAME_RIP	128
#define FRAME_CS	136
#define FRAME_RFLAGS	144
#define FRAME_RSP	152
#define FRAME_SS	160
#define FRAME_SIZE	168

/* Offsets in struct cpu, relative to GS (common/cpu.h says the same to C). */
#define GS_SELF		0
#define GS_CURRENT	8
#define GS_KERNEL_STACK	16
#define GS_USER_RSP	24

#define ASM_SEL_KERNEL_CODE	0x10
#define ASM_SEL_KERNEL_DATA	0x18

#if defined(__LINKER__)

#elif defined(__ASSEMBLER__)

/* If the instruction at \insn faults in the kernel, go on at \resume (common/trap.h). */
.macro EXTABLE insn, resume
	.pushsection __ex_table, "a"
	.balign 4
	.long \insn - .
	.long \resume - .
	.popsection
.endm

/* From RDI, which is on the stack already, down to the end of struct trapframe; with this RAX. */
.macro PUSH_REGISTERS rax
	push %rsi
	push %rdx
	push %rcx
	push \rax
	push %r8
	push %r9
	push %r10
	push %r11
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
.endm

/* A three-byte no-operation that boot turns into the named instruction if there is SMAP. */
.macro SMAP_PATCH second, third
771:	.byte 0x0f, 0x1f, 0x00
	.pushsection .smap_patch, "a"
	.long 771b - .
	.byte 0x0f, \second, \third, 0
	.popsection
.endm
#define ASM_CLAC	SMAP_PATCH 0x01, 0xca
#define ASM_STAC	SMAP_PATCH 0x01, 0xcb

/* Open and close a function that gdb and the backtrace know by name. */
.macro FUNCTION name
	.globl \name
	.type \name, @function
\name:
.endm
.macro END_FUNCTION name
	.size \name, . - \name
.endm

/*
 * The blank form of an assembly exercise: reports the exercise like exercise_blank() does,
 * keeps all registers and falls through to what follows.
 */
.macro EXERCISE_BLANK_ASM id
	pushfq
	push %rax
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %rbp
	mov %rsp, %rbp
	and $-16, %rsp
	lea 772f(%rip), %rdi
	call exercise_blank
	mov %rbp, %rsp
	pop %rbp
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rax
	popfq
	.pushsection .rodata
772:	.asciz "\id"
	.popsection
.endm

#else

/* The same for inline assembly: strings to paste behind the instruction. */
#define EXTABLE_C(insn, resume)							\
	".pushsection __ex_table, \"a\"\n\t"					\
	".balign 4\n\t"								\
	".long " insn " - .\n\t"						\
	".long " resume " - .\n\t"						\
	".popsection\n\t"
#define SMAP_PATCH_C(third)							\
	"771:\t.byte 0x0f, 0x1f, 0x00\n\t"					\
	".pushsection .smap_patch, \"a\"\n\t"					\
	".long 771b - .\n\t"							\
	".byte 0x0f, 0x01, " third ", 0\n\t"					\
	".popsection\n\t"
#define C_CLAC	SMAP_PATCH_C("0xca")
#define C_STAC	SMAP_PATCH_C("0xcb")

#endif
