/*
 * The first instructions of every thread: the frame that thread_alloc() built has put the
 * function into rbx and its argument into r12.
 */
#include "common/asm.h"

	.text
FUNCTION thread_entry
	xor %ebp, %ebp			/* backtraces end here */
	call sched_finish_switch
	mov %r12, %rdi
	call *%rbx
	ud2				/* thread functions do not return */
END_FUNCTION thread_entry

	.section .note.GNU-stack, "", @progbits
