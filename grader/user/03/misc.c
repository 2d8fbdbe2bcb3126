/*
 * Lab 03 beside its exercises: clocks, sleeps, credentials, limits, names.
 */
#include "ktap_user.h"

#define SYS_mmap	9
#define SYS_nanosleep	35
#define SYS_uname	63
#define SYS_getuid	102
#define SYS_setuid	105
#define SYS_geteuid	107
#define SYS_getgroups	115
#define SYS_setresuid	117
#define SYS_getresuid	118
#define SYS_setfsuid	122
#define SYS_capget	125
#define SYS_getpriority	140
#define SYS_setpriority	141
#define SYS_ioprio_set	251
#define SYS_ioprio_get	252
#define SYS_prctl	157
#define SYS_setaffinity	203
#define SYS_getaffinity	204
#define SYS_clock_gettime	228
#define SYS_clock_nanosleep	230
#define SYS_prlimit64	302
#define SYS_getrandom	318
#define EPERM		1
#define EACCES		13
#define EFAULT		14
#define EINVAL		22

struct timespec {
	long sec, nsec;
};

static long now(int clock)
{
	struct timespec t = { 0 };

	UT_EQ(syscall2(SYS_clock_gettime, clock, &t), 0);
	UT_ASSERT(t.nsec >= 0 && t.nsec < 1000000000);
	return t.sec * 1000000000 + t.nsec;
}

UTEST(clock_monotonic, "3.0", 0, "clocks run forward, and a sleep takes at least its time")
{
	struct timespec t = { 0, 30000000 }, bad = { 0, 1000000000 };
	long start = now(1);

	UT_EQ(syscall2(SYS_nanosleep, &t, 0), 0);
	UT_ASSERT(now(1) - start >= 30000000);
	UT_ASSERT(now(0) > 1600000000000000000);
	t.sec = 0;
	t.nsec = 1;
	UT_EQ(syscall4(SYS_clock_nanosleep, 1, 1, &t, 0), 0);
	UT_EQ(syscall2(SYS_nanosleep, &bad, 0), -EINVAL);
	UT_EQ(syscall2(SYS_nanosleep, 8, 0), -EFAULT);
	UT_EQ(syscall2(SYS_clock_gettime, 77, &t), -EINVAL);
	start = now(3);
	for (volatile long i = 0; i < 10000000; i++)
		;
	UT_ASSERT(now(3) > start);
	start = now(3);
	UT_ASSERT(now(2) >= start);
}

UTEST(setuid_drops, "3.0", 0, "root that gives up its user number cannot take it back")
{
	int r, e, s;

	UT_EQ(syscall3(SYS_setresuid, 10, 20, 30), 0);
	UT_EQ(syscall0(SYS_getuid), 10);
	UT_EQ(syscall0(SYS_geteuid), 20);
	UT_EQ(syscall3(SYS_getresuid, &r, &e, &s), 0);
	UT_EQ(s, 30);
	UT_EQ(syscall1(SYS_setuid, 0), -EPERM);
	UT_EQ(syscall1(SYS_setuid, 30), 0);
	UT_EQ(syscall0(SYS_geteuid), 30);
	UT_EQ(syscall3(SYS_setresuid, 20, -1, -1), -EPERM);
	UT_EQ(syscall5(SYS_prctl, 24, 0, 0, 0, 0), -EPERM);	/* PR_CAPBSET_DROP */
	UT_EQ(syscall2(SYS_getgroups, -1, 0), -EINVAL);
}

UTEST(setfsuid_caps, "3.0", 0, "with the file user number go the capabilities about files, and no others; root's brings them back")
{
	struct { unsigned effective, permitted, inheritable; } before[2], now[2];
	unsigned header[2] = { 0x20080522, 0 };

	UT_EQ(syscall2(SYS_capget, header, before), 0);
	UT_EQ(syscall1(SYS_setfsuid, 10), 0);
	UT_EQ(syscall2(SYS_capget, header, now), 0);
	UT_EQ(now[0].effective, before[0].effective & ~0x0800021f);
	UT_EQ(now[1].effective, before[1].effective & ~1);
	UT_EQ(now[0].permitted, before[0].permitted);
	UT_EQ(syscall1(SYS_setfsuid, 0), 10);
	UT_EQ(syscall2(SYS_capget, header, now), 0);
	UT_EQ(now[0].effective, before[0].effective);
	UT_EQ(now[1].effective, before[1].effective);
}

UTEST(pdeath_cleared, "3.0", 0, "the signal for the parent's death is forgotten when the user changes")
{
	int signal = -1;

	UT_EQ(syscall5(SYS_prctl, 1, 10, 0, 0, 0), 0);		/* PR_SET_PDEATHSIG */
	UT_EQ(syscall3(SYS_setresuid, -1, 0, -1), 0);		/* no change */
	UT_EQ(syscall5(SYS_prctl, 2, &signal, 0, 0, 0), 0);
	UT_EQ(signal, 10);
	UT_EQ(syscall3(SYS_setresuid, -1, 20, -1), 0);
	UT_EQ(syscall5(SYS_prctl, 2, &signal, 0, 0, 0), 0);
	UT_EQ(signal, 0);
}

UTEST(names, "3.0", 0, "uname, the thread's name, limits, priorities, affinity")
{
	char uts[390], name[16] = { 0 };
	unsigned long limit[2], mask = 0;

	UT_EQ(syscall1(SYS_uname, uts), 0);
	UT_EQ(uts[0], 'L');
	UT_EQ(syscall1(SYS_uname, 8), -EFAULT);
	UT_EQ(syscall5(SYS_prctl, 15, "a name that is too long", 0, 0, 0), 0);
	UT_EQ(syscall5(SYS_prctl, 16, name, 0, 0, 0), 0);
	UT_STREQ(name, "a name that is ");
	UT_EQ(syscall4(SYS_prlimit64, 0, 7, 0, limit), 0);
	UT_ASSERT(limit[0] >= 256 && limit[0] <= limit[1]);
	UT_EQ(syscall4(SYS_prlimit64, 0, 16, 0, limit), -EINVAL);
	UT_EQ(syscall2(SYS_getpriority, 0, 0), 20);
	UT_EQ(syscall3(SYS_setpriority, 0, 0, 5), 0);
	UT_EQ(syscall2(SYS_getpriority, 0, 0), 15);
	UT_EQ(syscall2(SYS_ioprio_get, 1, 0), 0);
	UT_EQ(syscall3(SYS_ioprio_set, 1, 0, 3 << 13), 0);	/* idle */
	UT_EQ(syscall2(SYS_ioprio_get, 1, 0), 3 << 13);
	UT_EQ(syscall3(SYS_ioprio_set, 1, 0, 1), -EINVAL);
	UT_EQ(syscall3(SYS_ioprio_set, 1, 0, 2 << 13 | 7), 0);
	UT_EQ(syscall2(SYS_ioprio_get, 4, 0), -EINVAL);
	UT_ASSERT(syscall3(SYS_getaffinity, 0, 128, &mask) >= 8);
	UT_ASSERT(mask & 1);
	UT_EQ(syscall3(SYS_setaffinity, 0, 8, &mask), 0);
	mask = 0;
	UT_EQ(syscall3(SYS_setaffinity, 0, 8, &mask), -EINVAL);
}

UTEST(nice_limit, "3.0", 0, "RLIMIT_NICE of the process that is changed counts, not that of who changes it")
{
	unsigned long limit[2] = { 30, 30 };
	struct timespec t = { 0, 1000000 };
	volatile int *done = (int *)syscall6(SYS_mmap, 0, 4096, 3, 0x21, -1, 0);	/* shared */
	int pid, status;

	/* A container's root may not raise it: then there is nothing to see. */
	if (syscall4(SYS_prlimit64, 0, 13, limit, 0) == -EPERM && syscall1(SYS_setuid, 0) == 0)
		return;
	UT_EQ(syscall4(SYS_prlimit64, 0, 13, limit, 0), 0);
	UT_EQ(syscall3(SYS_setresuid, 54321, 54321, 54321), 0);
	pid = ut_fork();
	if (pid == 0) {
		for (int i = 0; i < 5000 && !*done; i++)
			syscall2(SYS_nanosleep, &t, 0);
		ut_exit(0);
	}
	limit[0] = 0;
	UT_EQ(syscall4(SYS_prlimit64, 0, 13, limit, 0), 0);
	UT_EQ(syscall3(SYS_setpriority, 0, 0, -5), -EACCES);
	UT_EQ(syscall3(SYS_setpriority, 0, pid, -5), 0);
	UT_EQ(syscall2(SYS_getpriority, 0, pid), 25);
	UT_EQ(syscall3(SYS_setpriority, 0, pid, -11), -EACCES);
	*done = 1;
	UT_EQ(ut_waitpid(pid, &status), pid);
}

UTEST(random_differs, "3.0", 0, "getrandom fills with bytes that differ from call to call")
{
	unsigned long a[4] = { 0 }, b[4] = { 0 };

	UT_EQ(syscall3(SYS_getrandom, a, sizeof(a), 0), sizeof(a));
	UT_EQ(syscall3(SYS_getrandom, b, sizeof(b), 1), sizeof(b));
	UT_ASSERT(a[0] != b[0] && a[1] != b[1] && a[0] != a[1]);
	UT_EQ(syscall3(SYS_getrandom, a, 8, 0x80), -EINVAL);
	UT_EQ(syscall3(SYS_getrandom, 8, 8, 0), -EFAULT);
}

UTEST(nproc_limit, "3.0", 0,
      "RLIMIT_NPROC bounds a user's processes; they count again when they have ended")
{
	unsigned long limit[2] = { 5, 5 };
	int status, pid = -1, children = 0;

	UT_EQ(syscall4(SYS_prlimit64, 0, 6, limit, 0), 0);
	UT_EQ(syscall3(SYS_setresuid, 54321, 54321, 54321), 0);
	for (int round = 0; round < 2; round++) {
		for (children = 0; children < 20; children++) {
			struct timespec t = { 0, 200000000 };

			pid = ut_fork();
			if (pid == 0) {
				syscall2(SYS_nanosleep, &t, 0);
				ut_exit(0);
			}
			if (pid < 0)
				break;
		}
		UT_EQ(pid, -11);
		UT_EQ(children, 4);
		for (int i = 0; i < children; i++)
			UT_ASSERT(ut_waitpid(-1, &status) > 0);
	}
}

UTEST(selectors, "3.0", 0, "the segment registers have the numbers that programs know from Linux")
{
	unsigned short cs, ss;

	__asm__("mov %%cs, %0\n\tmov %%ss, %1" : "=r"(cs), "=r"(ss));
	UT_EQ(cs, 0x33);
	UT_EQ(ss, 0x2b);
}

UTEST_MAIN(selectors, clock_monotonic, setuid_drops, setfsuid_caps, pdeath_cleared, names,
	   nice_limit, random_differs, nproc_limit)
