/*
 * For grader/ktest/03/entry_test.c: one call of number 510, whose code is that test's; it changes
 * the frame, and this program says by its exit status what has come back: 1 is the test's own in
 * rbx, 2 a changed rcx, 4 a changed r11, 8 a changed carry flag, 16 a changed rip; 255: rax is not
 * the call's result.
 */
__asm__(
	".globl main\n"
	".text\n"
	"main:\n"
	"	mov $510, %eax\n"
	"	xor %ebx, %ebx\n"
	"	syscall\n"
	"	nop\n"
	"	jmp 1f\n"			/* rip is set behind it, 3 bytes on */
	"	or $16, %ebx\n"
	"1:	pushfq\n"
	"	pop %rdi\n"
	"	cmp $0x1234, %rcx\n"
	"	jne 2f\n"
	"	or $2, %ebx\n"
	"2:	cmp $0x5678, %r11\n"
	"	jne 3f\n"
	"	or $4, %ebx\n"
	"3:	test $1, %edi\n"
	"	jz 4f\n"
	"	or $8, %ebx\n"
	"4:	cmp $77, %rax\n"
	"	je 5f\n"
	"	mov $255, %ebx\n"
	"5:	mov $1, %eax\n"			/* exit, by the other entry */
	"	int $0x80\n"
);
