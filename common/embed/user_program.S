/*
 * Embeds one flat user program: PROGRAM_NAME and PROGRAM_FILE come from build.mk. Makes a
 * struct user_program in the linker set (common/user_program.h).
 */
	.section .rodata.user_program, "a"
	.balign 4096
image:
	.incbin PROGRAM_FILE
image_end:
name:
	.asciz PROGRAM_NAME

	.section set.user_programs.50, "a"
	.balign 8
	.quad name, image, image_end

	.section .note.GNU-stack, "", @progbits
