/*
 * Exercise 3.2: fork as a program sees it: two address spaces that start equal and are apart.
 * @timeout 30
 */
#include "ktap_user.h"

#define SYS_mmap	9
#define SYS_munmap	11
#define SYS_yield	24
#define SYS_madvise	28
#define SYS_clone	56
#define SYS_nanosleep	35
#define PAGE		4096
#define RW		3
#define PRIVATE_ANON	0x22
#define SHARED_ANON	0x21
#define CLONE_VM	0x100
#define SIGCHLD		17

static long variable = 1;

static char *map(long size, long flags)
{
	char *p = (char *)syscall6(SYS_mmap, 0, size, RW, flags, -1, 0);

	UT_ASSERT((long)p > 0);
	return p;
}

/* Long enough for another CPU to do something. */
static void nap(void)
{
	long ms[2] = { 0, 1000000 };

	syscall2(SYS_nanosleep, ms, 0);
}

/* Wait for pid, which must end with status 0 by exit. */
static void expect_success(int pid)
{
	int status = -1;

	UT_ASSERT(pid > 0);
	UT_EQ(ut_waitpid(pid, &status), pid);
	UT_EQ(status, 0);
}

#define LARGE		5000	/* pages */

/* Whether page i holds its number i, in all of a large area. */
static bool numbered(const char *p)
{
	for (long i = 0; i < LARGE; i++)
		if (*(const long *)(p + i * PAGE) != i)
			return false;
	return true;
}

UTEST(fork_cow_values, "3.2", 5, "what parent or child write after fork, the other does not see")
{
	char *p = map(4 * PAGE, PRIVATE_ANON);
	char *large = map(LARGE * PAGE, PRIVATE_ANON);
	volatile char *written = map(PAGE, SHARED_ANON);
	bool same;
	long local = 5;
	int pid;

	p[0] = 'a';
	p[3 * PAGE] = 'b';
	for (long i = 0; i < LARGE; i++)
		*(long *)(large + i * PAGE) = i;
	pid = ut_fork();
	if (pid == 0) {
		while (!*written)	/* the parent comes first */
			syscall0(SYS_yield);
		same = p[0] == 'a' && p[3 * PAGE] == 'b' && variable == 1 &&
		       local == 5 && !p[PAGE] && numbered(large);

		p[0] = 'x';
		p[PAGE] = 'y';
		variable = 2;
		ut_exit(same && p[0] == 'x' && variable == 2 ? 0 : 2);
	}
	p[3 * PAGE] = 'z';
	*written = 1;
	expect_success(pid);
	UT_EQ(p[0], 'a');
	UT_EQ(p[PAGE], 0);
	UT_EQ(variable, 1);
	UT_EQ(local, 5);
}

UTEST(fork_shared_memory, "3.2", 3,
      "memory mapped MAP_SHARED stays shared over fork, written before or not")
{
	volatile char *p = map(2 * PAGE, SHARED_ANON);
	int pid;

	p[0] = 1;
	pid = ut_fork();
	if (pid == 0) {
		p[PAGE] = 2;
		p[0] = 3;
		ut_exit(0);
	}
	expect_success(pid);
	UT_EQ(p[0], 3);
	UT_EQ(p[PAGE], 2);
}

static char other_stack[16384] __attribute__((aligned(16)));
volatile long counter;		/* these two are global, as the assembly names them */
volatile int stop;

/* Runs in the same address space, on another CPU if there is one, and counts as fast as it can. */
static int start_counter(void)
{
	int pid;

	__asm__ volatile("syscall\n\t"
			 "test %%eax, %%eax\n\t"
			 "jnz 2f\n"
			 "1:\tincq counter\n\t"
			 "cmpl $0, stop\n\t"
			 "je 1b\n\t"
			 "mov $60, %%eax\n\t"
			 "xor %%edi, %%edi\n\t"
			 "syscall\n"
			 "2:"
			 : "=a"(pid)
			 : "a"((long)SYS_clone), "D"((long)(CLONE_VM | SIGCHLD)),
			   "S"(other_stack + sizeof(other_stack)), "d"(0L)
			 : "rcx", "r11", "memory", "r10", "r8", "r9");
	return pid;
}

UTEST(fork_flush_smp, "3.2", 3,
      "a thread of execution that runs on another CPU during fork does not write into the child")
{
	int counting = start_counter(), pid;

	UT_ASSERT(counting > 0);
	while (counter < 1000)
		syscall0(SYS_yield);
	for (int i = 0; i < 20; i++) {
		pid = ut_fork();
		if (pid == 0) {
			long first = counter;

			nap();
			ut_exit(counter == first ? 0 : 2);
		}
		expect_success(pid);
	}
	stop = 1;
	expect_success(counting);
}

UTEST(fork_madvise, "3.2", 2,
      "MADV_DONTFORK keeps memory from the child, MADV_WIPEONFORK gives it zeroes")
{
	char *gone = map(PAGE, PRIVATE_ANON), *wiped = map(PAGE, PRIVATE_ANON);
	int pid, status = 0;

	*gone = *wiped = 1;
	UT_EQ(syscall3(SYS_madvise, wiped, PAGE, 18), 0);
	pid = ut_fork();
	if (pid == 0)
		ut_exit(*wiped == 0 && *gone == 1 ? 0 : 2);
	expect_success(pid);
	UT_EQ(syscall3(SYS_madvise, gone, PAGE, 10), 0);
	pid = ut_fork();
	if (pid == 0)
		ut_exit(*gone);
	UT_EQ(ut_waitpid(pid, &status), pid);
	UT_EQ(status & 0x7f, 11);
	UT_EQ(*gone, 1);
}

UTEST(fork_many, "3.2", 2, "hundreds of forks one after the other leave memory as it was")
{
	char *p = map(64 * PAGE, PRIVATE_ANON);

	for (int i = 0; i < 64; i++)
		p[i * PAGE] = i;
	for (int i = 0; i < 300; i++) {
		int pid = ut_fork();

		if (pid == 0) {
			for (int j = 0; j < 64; j += 8)
				p[j * PAGE]++;
			ut_exit(p[8 * PAGE] == 9 ? 0 : 2);
		}
		expect_success(pid);
	}
	for (int i = 0; i < 64; i++)
		UT_EQ(p[i * PAGE], i);
}

UTEST(fork_deep, "3.0", 0, "a chain of forks, each child forking the next, ends well")
{
	int depth = 0, pid = 0, status;

	for (; depth < 20; depth++) {
		pid = ut_fork();
		if (pid)
			break;
	}
	if (depth < 20) {
		UT_ASSERT(pid > 0);
		UT_EQ(ut_waitpid(pid, &status), pid);
		if (depth)
			ut_exit(status >> 8);
		UT_EQ(status, 0);
	} else {
		ut_exit(0);
	}
}

UTEST(clone_errors, "3.0", 0, "clone and clone3 refuse what Linux refuses")
{
	char args[256] = { 0 };
	unsigned long *a = (unsigned long *)args;

	UT_EQ(syscall2(435, args, 32), -22);			/* EINVAL: too short */
	UT_EQ(syscall2(435, args, 8192), -7);			/* E2BIG: too long */
	UT_EQ(syscall2(435, 8, 88), -14);			/* EFAULT */
	a[20] = 1;
	UT_EQ(syscall2(435, args, 256), -7);			/* E2BIG: unknown, not zero */
	a[20] = 0;
	a[4] = 65;
	UT_EQ(syscall2(435, args, 88), -22);			/* no such signal */
	a[4] = 0;
	a[0] = CLONE_VM;
	a[6] = 4096;
	UT_EQ(syscall2(435, args, 88), -22);			/* a size without a stack */
	UT_EQ(syscall5(SYS_clone, 0x800, 0, 0, 0, 0), -22);	/* SIGHAND without VM */
}

UTEST(clone_tids, "3.0", 0, "clone stores the child's number where it can, although another place is bad")
{
	static int number;
	int status, pid;

	/* CLONE_PARENT_SETTID | CLONE_CHILD_SETTID */
	pid = syscall5(SYS_clone, 0x01100000 | SIGCHLD, 0, 8, &number, 0);
	if (!pid)
		ut_exit(number == syscall0(39) ? 0 : 1);	/* getpid */
	UT_ASSERT(pid > 0);
	UT_EQ(ut_waitpid(pid, &status), pid);
	UT_EQ(status, 0);
	UT_EQ(number, 0);
}

/* The child's limits are its own, although it borrows the memory: by a vfork in assembly, as the
 * child must not return into its parent's frames. */
UTEST(vfork_limits, "3.0", 0, "a limit that a vfork child sets does not bind its parent")
{
	unsigned long limit[2] = { 1 << 20, 1 << 20 };
	long pid, result = 1;
	int status;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov $160, %%eax\n\t"			/* setrlimit */
			 "mov $9, %%edi\n\t"			/* RLIMIT_AS */
			 "mov %[limit], %%rsi\n\t"
			 "syscall\n\t"
			 "mov %%rax, %[result]\n\t"
			 "mov $60, %%eax\n\t"
			 "xor %%edi, %%edi\n\t"
			 "syscall\n\t"
			 "1:"
			 : "=a"(pid), [result] "+m"(result)
			 : "a"(58), [limit] "r"(limit)
			 : "rcx", "r11", "rdi", "rsi", "memory");
	UT_ASSERT(pid > 0);
	UT_EQ(ut_waitpid(pid, &status), pid);
	UT_EQ(status, 0);
	UT_EQ(result, 0);
	map(64 << 20, PRIVATE_ANON);
}

UTEST_MAIN(fork_cow_values, fork_shared_memory, fork_flush_smp, fork_madvise, fork_many,
	   fork_deep, clone_errors, clone_tids, vfork_limits)
