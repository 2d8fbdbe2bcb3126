/*
 * For grader/ktest/02/user_test.c: compares the registers with what the test put into its frame.
 * Exit status 0, or the number of the first wrong one. (crt.S has used rdi, rsi, rdx and rbp.)
 */
__asm__(
	".macro CHECK number, value, reg\n"
	"	mov $\\number, %esi\n"
	"	movabs $\\value, %rdi\n"
	"	cmp %rdi, \\reg\n"
	"	jne 1f\n"
	".endm\n"
	".globl main\n"
	".text\n"
	"main:\n"
	"	CHECK 1, 0x1111111111111111, %rax\n"
	"	CHECK 2, 0x2222222222222222, %rbx\n"
	"	CHECK 3, 0x3333333333333333, %rcx\n"
	"	CHECK 4, 0x8888888888888888, %r8\n"
	"	CHECK 5, 0x9999999999999999, %r9\n"
	"	CHECK 6, 0xaaaaaaaaaaaaaaaa, %r10\n"
	"	CHECK 7, 0xbbbbbbbbbbbbbbbb, %r11\n"
	"	CHECK 8, 0xcccccccccccccccc, %r12\n"
	"	CHECK 9, 0xdddddddddddddddd, %r13\n"
	"	CHECK 10, 0xeeeeeeeeeeeeeeee, %r14\n"
	"	CHECK 11, 0x5555555555555555, %r15\n"
	"	pushfq\n"
	"	pop %rax\n"
	"	cld\n"
	"	and $0x600, %eax\n"			/* direction and interrupt flags */
	"	CHECK 12, 0x600, %rax\n"
	"	mov %cs, %eax\n"
	"	and $3, %eax\n"
	"	CHECK 13, 3, %rax\n"
	"	xor %esi, %esi\n"
	"1:	mov %esi, %ebx\n"
	"	mov $1, %eax\n"				/* exit */
	"	int $0x80\n"
);
