/* The finished vDSO, embedded into the kernel; VDSO_FILE is set by lab.mk. */
	.section .rodata.vdso, "a"
	.balign 8
	.globl	vdso_image
	.globl	vdso_image_end
vdso_image:
	.incbin	VDSO_FILE
vdso_image_end:

	.section .note.GNU-stack, "", @progbits
