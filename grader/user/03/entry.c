/*
 * Exercise 3.1: what a program sees of the SYSCALL instruction: nothing but its result.
 * @timeout 20
 */
#include "ktap_user.h"

#define SYS_getpid	39
#define SYS_gettid	186
#define NOBODY		9999		/* no such call */

/* The registers that a call must keep, with known values before, and what they were after. */
struct registers {
	long rbx, rbp, r12, r13, r14, r15, rdi, rsi, rdx, r8, r9, r10;
};

/* Global, as the assembly names them. */
struct registers before = { 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22 }, after;

static long call_with_registers(long number)
{
	register long result __asm__("rax") = number;

	__asm__ volatile(
		"push %%rbx; push %%rbp; push %%r12; push %%r13; push %%r14; push %%r15\n\t"
		"mov before+0, %%rbx; mov before+8, %%rbp; mov before+16, %%r12; mov before+24, "
		"%%r13\n\t"
		"mov before+32, %%r14; mov before+40, %%r15; mov before+48, %%rdi; mov before+56, "
		"%%rsi\n\t"
		"mov before+64, %%rdx; mov before+72, %%r8; mov before+80, %%r9; mov before+88, "
		"%%r10\n\t"
		"syscall\n\t"
		"mov %%rbx, after+0; mov %%rbp, after+8; mov %%r12, after+16; mov %%r13, "
		"after+24\n\t"
		"mov %%r14, after+32; mov %%r15, after+40; mov %%rdi, after+48; mov %%rsi, "
		"after+56\n\t"
		"mov %%rdx, after+64; mov %%r8, after+72; mov %%r9, after+80; mov %%r10, "
		"after+88\n\t"
		"pop %%r15; pop %%r14; pop %%r13; pop %%r12; pop %%rbp; pop %%rbx\n\t"
		: "+r"(result)
		:
		: "rdi", "rsi", "rdx", "r8", "r9", "r10", "rcx", "r11", "memory");
	return result;
}

UTEST(syscall_registers, "3.1", 5, "a system call keeps every register but rax, rcx and r11")
{
	UT_ASSERT(call_with_registers(SYS_getpid) > 0);
	UT_EQ(after.rbx, 11);
	UT_EQ(after.rbp, 12);
	UT_EQ(after.r12, 13);
	UT_EQ(after.r13, 14);
	UT_EQ(after.r14, 15);
	UT_EQ(after.r15, 16);
	UT_EQ(after.rdi, 17);
	UT_EQ(after.rsi, 18);
	UT_EQ(after.rdx, 19);
	UT_EQ(after.r8, 20);
	UT_EQ(after.r9, 21);
	UT_EQ(after.r10, 22);
}

UTEST(syscall_flags, "3.1", 3,
      "the user's flags survive a call; the kernel runs with its own direction")
{
	unsigned long flags;
	char text[] = "abc";

	/* Direction flag and carry set over the call; the kernel must not copy backwards. */
	__asm__ volatile("std; stc; syscall; pushfq; pop %0; cld"
			 : "=r"(flags)
			 : "a"(63L), "D"(-1L)
			 : "rcx", "r11", "memory", "cc");
	UT_EQ(flags & 0x401, 0x401);
	UT_EQ(text[0], 'a');
	UT_ASSERT(syscall0(SYS_getpid) > 0);
}

UTEST(syscall_number, "3.1", 2, "an unknown number gives ENOSYS, a known one its result")
{
	UT_EQ(syscall0(SYS_getpid), syscall0(SYS_gettid));
	UT_EQ(syscall0(NOBODY), -38);
	UT_EQ(syscall0(-1L), -38);
	UT_EQ(syscall0(511), -38);
}

static volatile long *shared_page(void)
{
	return (long *)syscall6(9, 0, 4096, 3, 0x21, -1, 0);	/* shared, anonymous */
}

UTEST(syscall_preempt, "3.1", 2,
      "a program that makes one call after the other is preempted and can be killed")
{
	volatile long *turns = shared_page();
	int pids[3];

	UT_ASSERT((long)turns > 0);
	/*
	 * More of them than CPUs: all must get their turn although they are mostly in the kernel.
	 */
	for (int i = 0; i < 3; i++) {
		pids[i] = ut_fork();
		if (pids[i] == 0) {
			while (turns[0] < 2000 || turns[1] < 2000 || turns[2] < 2000) {
				syscall0(SYS_getpid);
				turns[i]++;
			}
			ut_exit(0);
		}
	}
	for (int i = 0; i < 3; i++) {
		int status = -1;

		UT_EQ(ut_waitpid(pids[i], &status), pids[i]);
		UT_EQ(status, 0);
	}
}

UTEST(syscall_single_step, "3.1", 1, "a call with the trap flag set does not bring the kernel down")
{
	int status = 0, pid = ut_fork();

	if (pid == 0) {
		__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; syscall" : : "a"(39L)
				 : "rcx", "r11", "memory", "cc");
		ut_exit(0);
	}
	UT_EQ(ut_waitpid(pid, &status), pid);
	UT_EQ(status & 0x7f, 5);		/* SIGTRAP */
	UT_ASSERT(syscall0(SYS_getpid) > 0);
}

UTEST_MAIN(syscall_registers, syscall_flags, syscall_number, syscall_preempt, syscall_single_step)
