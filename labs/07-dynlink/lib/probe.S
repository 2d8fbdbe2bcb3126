/*
 * The parts of libprobe that C cannot say: see probe.h. Offsets are those of struct probe.
 */
	.text
	.globl	probe_store
	.hidden	probe_store
	.type	probe_store, @function
probe_store:
	movq	probe_seen@GOTPCREL(%rip), %r11
	movq	%rdi, (%r11)
	movq	%rsi, 8(%r11)
	movq	%rdx, 16(%r11)
	movq	%rcx, 24(%r11)
	movq	%r8, 32(%r11)
	movq	%r9, 40(%r11)
	movq	%rax, 48(%r11)
	movq	%r10, 56(%r11)
	movq	%rsp, 64(%r11)
	movq	probe_wide@GOTPCREL(%rip), %rax
	cmpl	$0, (%rax)
	jne	1f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	movdqu	%xmm\n, 96 + \n * 32(%r11)
	.endr
	ret
1:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	vmovdqu	%ymm\n, 96 + \n * 32(%r11)
	.endr
	ret
	.size	probe_store, . - probe_store

	.globl	probe_spoil_xmm
	.hidden	probe_spoil_xmm
	.type	probe_spoil_xmm, @function
probe_spoil_xmm:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	pcmpeqd	%xmm\n, %xmm\n
	.endr
	ret
	.size	probe_spoil_xmm, . - probe_spoil_xmm

	.globl	probe_spoil_ymm
	.hidden	probe_spoil_ymm
	.type	probe_spoil_ymm, @function
probe_spoil_ymm:
	vzeroall
	ret
	.size	probe_spoil_ymm, . - probe_spoil_ymm

	.section .note.GNU-stack, "", @progbits
