/*
 * Exercise 3.3: wait4 and waitid.
 * @timeout 30
 */
#include "ktap_user.h"

#define SYS_mmap	9
#define SYS_nanosleep	35
#define SYS_wait4	61
#define SYS_getppid	110
#define SYS_prctl	157
#define SYS_waitid	247
#define ECHILD		10
#define EINVAL		22
#define WNOHANG		1
#define WEXITED		4
#define WNOWAIT		0x01000000
#define __WALL		0x40000000
#define P_ALL		0
#define P_PID		1
#define CLD_EXITED	1
#define CLD_KILLED	2

struct info {
	int signo, error, code, pad, pid, uid, status, rest[25];
};

static void nap(long ms)
{
	long t[2] = { ms / 1000, ms % 1000 * 1000000 };

	syscall2(SYS_nanosleep, t, 0);
}

static int child_exiting_with(int status)
{
	int pid = ut_fork();

	if (pid == 0)
		ut_exit(status);
	return pid;
}

static long wait4(long pid, int *status, long options)
{
	return syscall4(SYS_wait4, pid, status, options, 0);
}

UTEST(wait_status, "3.3", 3, "wait4 returns the child and how it ended: exit code or signal")
{
	int status = -1, pid = child_exiting_with(42);

	UT_ASSERT(pid > 0);
	UT_EQ(wait4(pid, &status, 0), pid);
	UT_EQ(status, 42 << 8);
	pid = child_exiting_with(0x1ff);
	UT_EQ(wait4(-1, &status, 0), pid);
	UT_EQ(status, 0xff << 8);
	pid = ut_fork();
	if (pid == 0) {
		__builtin_trap();
	}
	UT_EQ(wait4(pid, &status, 0), pid);
	UT_EQ(status & 0x7f, 4);
}

UTEST(wait_echild, "3.3", 3, "without a child that fits, wait4 fails at once with ECHILD")
{
	int status, pid = child_exiting_with(0);

	UT_EQ(wait4(pid, &status, 0), pid);
	UT_EQ(wait4(pid, &status, 0), -ECHILD);
	UT_EQ(wait4(-1, &status, 0), -ECHILD);
	UT_EQ(wait4(-1, &status, WNOHANG), -ECHILD);
	UT_EQ(wait4(1, &status, 0), -ECHILD);
	UT_EQ(wait4(-1, &status, 0x100), -EINVAL);
}

UTEST(wait_nohang, "3.3", 3,
      "with WNOHANG wait4 returns 0 while the child runs, and the child when it is dead")
{
	int status = -1, pid = ut_fork();
	long got;

	if (pid == 0) {
		nap(100);
		ut_exit(3);
	}
	UT_EQ(wait4(pid, &status, WNOHANG), 0);
	while ((got = wait4(pid, &status, WNOHANG)) == 0)
		nap(5);
	UT_EQ(got, pid);
	UT_EQ(status, 3 << 8);
}

UTEST(wait_sleeps, "3.3", 2, "wait4 sleeps until the child ends, however long that takes")
{
	for (int i = 0; i < 50; i++) {
		int status = -1, pid = ut_fork();

		if (pid == 0) {
			if (i % 10 == 0)
				nap(20);
			ut_exit(i);
		}
		UT_EQ(wait4(-1, &status, 0), pid);
		UT_EQ(status, i << 8);
	}
}

UTEST(wait_nowait, "3.3", 2, "waitid with WNOWAIT leaves the child to be waited for once more")
{
	struct info info = { 0 };
	int status, pid = child_exiting_with(7);

	UT_EQ(syscall5(SYS_waitid, P_PID, pid, &info, WEXITED | WNOWAIT, 0), 0);
	UT_EQ(info.pid, pid);
	UT_EQ(info.code, CLD_EXITED);
	UT_EQ(info.status, 7);
	UT_EQ(info.signo, 17);
	UT_EQ(wait4(pid, &status, 0), pid);
	UT_EQ(wait4(pid, &status, 0), -ECHILD);
	UT_EQ(syscall5(SYS_waitid, P_ALL, 0, &info, 0, 0), -EINVAL);
}

UTEST(wait_each_once, "3.3", 2, "of many children that end together each is reported exactly once")
{
	enum { N = 20 };
	int pids[N], seen = 0, status;

	for (int i = 0; i < N; i++)
		pids[i] = child_exiting_with(i);
	for (int i = 0; i < N; i++) {
		long pid = wait4(-1, &status, 0);
		int n = status >> 8;

		UT_ASSERT(n >= 0 && n < N);
		UT_EQ(pid, pids[n]);
		UT_EQ(seen & 1 << n, 0);
		seen |= 1 << n;
	}
	UT_EQ(seen, (1 << N) - 1);
	UT_EQ(wait4(-1, &status, 0), -ECHILD);
}

UTEST(wait_orphan, "3.3", 2, "an orphan goes to the nearest subreaper, who can wait for it")
{
	int status, child, orphan;
	int *number = (int *)syscall6(SYS_mmap, 0, 4096, 3, 0x21, -1, 0);

	UT_EQ(syscall5(SYS_prctl, 36, 1, 0, 0, 0), 0);		/* PR_SET_CHILD_SUBREAPER */
	child = ut_fork();
	if (child == 0) {
		orphan = ut_fork();
		if (orphan == 0) {
			nap(60);
			ut_exit(9);
		}
		*number = orphan;
		ut_exit(0);
	}
	UT_EQ(wait4(child, &status, 0), child);
	UT_EQ(wait4(-1, &status, __WALL), *number);
	UT_EQ(status, 9 << 8);
}

UTEST(wait_usage, "3.0", 0, "wait4 hands over what the child has used, and times accumulates it")
{
	long usage[18] = { 0 };
	int status, pid = ut_fork();

	if (pid == 0) {
		for (volatile long i = 0; i < 20000000; i++)
			;
		ut_exit(0);
	}
	UT_EQ(syscall4(SYS_wait4, pid, &status, 0, usage), pid);
	UT_ASSERT(usage[0] * 1000000 + usage[1] + usage[2] * 1000000 + usage[3] > 1000);
	UT_ASSERT(usage[8] > 0);		/* page faults */
}

UTEST_MAIN(wait_status, wait_echild, wait_nohang, wait_sleeps, wait_nowait, wait_each_once,
	   wait_orphan, wait_usage)
