/*
 * Who a process is: user and group ids, capabilities, groups; limits, usage, priorities; the
 * machine's names.
 */
#include "posix.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>

static void check_uids(uid_t r, uid_t e, uid_t s)
{
	uid_t a, b, c;

	UT_EQ(getresuid(&a, &b, &c), 0);
	UT_EQ(a, r);
	UT_EQ(b, e);
	UT_EQ(c, s);
}

static void check_gids(gid_t r, gid_t e, gid_t s)
{
	gid_t a, b, c;

	UT_EQ(getresgid(&a, &b, &c), 0);
	UT_EQ(a, r);
	UT_EQ(b, e);
	UT_EQ(c, s);
}

UTEST(ids_users, "6.0", 0, "setuid, setreuid and setresuid change what they may, and no more")
{
	check_uids(0, 0, 0);
	UT_EQ(setreuid(1, 2), 0);		/* the saved id follows the effective one */
	check_uids(1, 2, 2);
	UT_ERRNO(setuid(3), EPERM);
	UT_EQ(setuid(1), 0);
	check_uids(1, 1, 2);
	UT_EQ(setresuid(-1, 2, -1), 0);
	check_uids(1, 2, 2);
	UT_ERRNO(setresuid(5, -1, -1), EPERM);
	UT_EQ(setreuid(-1, 1), 0);
	check_uids(1, 1, 2);
	UT_EQ(setresuid(1, 1, 1), 0);
	UT_ERRNO(seteuid(2), EPERM);
	UT_ERRNO(setgid(7), EPERM);
	UT_ERRNO(setgroups(0, NULL), EPERM);
	UT_ERRNO(setuid(-1), EINVAL);
}

UTEST(ids_groups, "6.0", 0, "groups: the three, the supplementary ones, and the limits")
{
	gid_t list[3] = { 9, 4, 30 }, got[5];

	UT_EQ(setresgid(1, 2, 3), 0);
	check_gids(1, 2, 3);
	UT_EQ(setregid(-1, 1), 0);
	check_gids(1, 1, 3);
	UT_EQ(setgid(6), 0);			/* the superuser's sets all */
	check_gids(6, 6, 6);
	UT_EQ(setgroups(3, list), 0);
	UT_EQ(getgroups(0, NULL), 3);
	UT_EQ(getgroups(5, got), 3);
	UT_EQ(got[0] + got[1] + got[2], 43);
	UT_ERRNO(getgroups(2, got), EINVAL);
	UT_ERRNO(getgroups(-1, got), EINVAL);
	UT_ERRNO(setgroups(65537, list), EINVAL);
	UT_ERRNO(setgroups(3, (gid_t *)8), EFAULT);
	UT_EQ(setgroups(0, NULL), 0);
	UT_EQ(getgroups(5, got), 0);
}

UTEST(ids_file_system, "6.0", 0, "setfsuid and setfsgid answer with the old id, and follow the effective one")
{
	UT_EQ(setfsuid(5), 0);
	UT_EQ(setfsuid(-1), 5);
	UT_EQ(setfsgid(6), 0);
	UT_EQ(setfsgid(-1), 6);
	UT_EQ(seteuid(3), 0);
	UT_EQ(setfsuid(-1), 3);
	UT_EQ(setfsuid(9), 3);			/* not allowed: unchanged */
	UT_EQ(setfsuid(-1), 3);
}

static int caps(pid_t pid, struct __user_cap_data_struct d[2])
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, pid };

	return (int)syscall(SYS_capget, &h, d);
}

static int set_caps(const struct __user_cap_data_struct d[2])
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };

	return (int)syscall(SYS_capset, &h, d);
}

UTEST(ids_capabilities, "6.0", 0, "capabilities can be given up, kept over setuid, and never taken")
{
	struct __user_cap_header_struct h = { 0x1234, 0 };
	struct __user_cap_data_struct d[2];

	UT_EQ(caps(0, d), 0);
	UT_ASSERT(d[0].effective & 1 << CAP_CHOWN);
	UT_ERRNO(syscall(SYS_capget, &h, d), EINVAL);
	UT_EQ(h.version, _LINUX_CAPABILITY_VERSION_3);		/* the one it should be */
	h.version = 0x1234;
	UT_EQ(syscall(SYS_capget, &h, NULL), 0);		/* that is how one asks */
	UT_ERRNO(caps(-1, d), EINVAL);
	UT_ERRNO(caps(4194303, d), ESRCH);
	d[0].effective &= ~(1u << CAP_SETUID);
	UT_EQ(set_caps(d), 0);
	UT_ERRNO(setuid(5), EPERM);
	d[0].effective |= 1u << CAP_SETUID;
	UT_EQ(set_caps(d), 0);
	UT_EQ(prctl(PR_SET_KEEPCAPS, 1), 0);
	UT_EQ(setuid(5), 0);
	UT_EQ(caps(0, d), 0);
	UT_EQ(d[0].effective, 0);
	UT_ASSERT(d[0].permitted & 1 << CAP_CHOWN);
	d[0].effective = d[0].permitted = 1 << CAP_CHOWN;
	d[0].inheritable = d[1].effective = d[1].permitted = d[1].inheritable = 0;
	UT_EQ(set_caps(d), 0);
	d[0].permitted |= 1u << CAP_SETUID;
	UT_ERRNO(set_caps(d), EPERM);
	UT_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN), 1);
	UT_ERRNO(prctl(PR_CAPBSET_READ, 64), EINVAL);
	UT_ERRNO(prctl(PR_CAPBSET_DROP, CAP_CHOWN), EPERM);
}

UTEST(ids_limits, "6.0", 0, "getrlimit, setrlimit and prlimit: who may raise what")
{
	struct rlimit l, old;

	UT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
	l = (struct rlimit){ 100, 200 };
	UT_EQ(setrlimit(RLIMIT_NOFILE, &l), 0);
	UT_EQ(prlimit(0, RLIMIT_NOFILE, NULL, &l), 0);
	UT_EQ(l.rlim_cur + l.rlim_max, 300);
	l.rlim_cur = 201;
	UT_ERRNO(setrlimit(RLIMIT_NOFILE, &l), EINVAL);
	UT_ERRNO(setrlimit(16, &l), EINVAL);
	UT_ERRNO(getrlimit(16, &l), EINVAL);
	UT_ERRNO(getrlimit(RLIMIT_NOFILE, (struct rlimit *)8), EFAULT);
	UT_ERRNO(prlimit(4194303, RLIMIT_NOFILE, NULL, &l), ESRCH);
	l = (struct rlimit){ 5, 5 };
	UT_EQ(setrlimit(RLIMIT_NOFILE, &l), 0);
	UT_EQ(dup2(0, 4), 4);
	UT_ERRNO(dup2(0, 5), EBADF);
	UT_ERRNO(fcntl(0, F_DUPFD, 5), EINVAL);
	UT_EQ(setuid(9), 0);
	l.rlim_max = 6;
	UT_ERRNO(setrlimit(RLIMIT_NOFILE, &l), EPERM);
	UT_ERRNO(prlimit(1, RLIMIT_NOFILE, NULL, &l), EPERM);
}

UTEST(ids_priorities, "6.0", 0, "nice values: who may set whose, and how far")
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	UT_EQ(setpriority(PRIO_PROCESS, pid, 5), 0);
	UT_EQ(getpriority(PRIO_PROCESS, pid), 5);
	UT_EQ(setpriority(PRIO_PROCESS, 0, 100), 0);
	UT_EQ(getpriority(PRIO_PROCESS, 0), 19);
	UT_EQ(setpriority(PRIO_PROCESS, 0, -100), 0);
	errno = 0;
	UT_EQ(getpriority(PRIO_PROCESS, 0), -20);
	UT_EQ(errno, 0);
	UT_ERRNO(getpriority(3, 0), EINVAL);
	UT_ERRNO(setpriority(PRIO_PROCESS, 4194303, 0), ESRCH);
	UT_EQ(kill(pid, SIGKILL), 0);
	wait_limited(pid, 0);
	UT_EQ(setuid(9), 0);
	UT_ERRNO(setpriority(PRIO_PROCESS, 1, 6), EPERM);	/* not ours */
	UT_EQ(setpriority(PRIO_PROCESS, 0, 3), 0);
	UT_ERRNO(setpriority(PRIO_PROCESS, 0, 2), EACCES);
	UT_EQ(nice(2), 5);
}

UTEST(ids_usage, "6.0", 0, "getrusage, times and sysinfo count what was used")
{
	volatile unsigned long sum = 0;
	struct rusage u, children;
	struct sysinfo info;
	pid_t pid;
	char *p = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	UT_ASSERT(p != MAP_FAILED);
	memset(p, 1, 8 << 20);
	UT_EQ(munmap(p, 8 << 20), 0);
	for (int i = 0; i < 30000000; i++)
		sum = sum + 1;
	UT_EQ(getrusage(RUSAGE_SELF, &u), 0);
	UT_ASSERT(u.ru_utime.tv_sec * 1000000 + u.ru_utime.tv_usec > 1000);
	UT_ASSERT(u.ru_minflt > 0);
	UT_ASSERT(u.ru_maxrss >= 8192);		/* the 8 MiB that are gone again */
	UT_EQ(getrusage(RUSAGE_THREAD, &u), 0);
	UT_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
	UT_EQ(children.ru_utime.tv_sec * 1000000 + children.ru_utime.tv_usec, 0);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 30000000; i++)
			sum = sum + 1;
		_exit(0);
	}
	UT_ASSERT(wait_limited(pid, 0) >= 0);
	UT_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
	UT_ASSERT(children.ru_utime.tv_sec * 1000000 + children.ru_utime.tv_usec > 1000);
	UT_ERRNO(getrusage(2, &u), EINVAL);
	UT_ERRNO(getrusage(RUSAGE_SELF, (void *)8), EFAULT);
	UT_EQ(sysinfo(&info), 0);
	UT_ASSERT(info.totalram * info.mem_unit > 1 << 20 && info.freeram <= info.totalram);
	UT_ASSERT(info.procs > 0);
	UT_ERRNO(sysinfo((void *)8), EFAULT);
}

static long us(const struct timeval *t)
{
	return t->tv_sec * 1000000 + t->tv_usec;
}

UTEST(ids_usage_grows, "6.0", 0, "user and system time only grow, whatever a program does by turns")
{
	struct rusage before = { 0 }, now;

	for (long end = now_ms() + 300, n = 0; now_ms() < end; n++) {
		for (int i = 0; i < 200; i++)
			if (n / 100 % 2)
				getppid();
		UT_EQ(getrusage(RUSAGE_SELF, &now), 0);
		UT_MSG(us(&now.ru_utime) >= us(&before.ru_utime), "user time went from %ld to %ld us",
		       us(&before.ru_utime), us(&now.ru_utime));
		UT_MSG(us(&now.ru_stime) >= us(&before.ru_stime), "system time went from %ld to %ld us",
		       us(&before.ru_stime), us(&now.ru_stime));
		before = now;
	}
}

static volatile sig_atomic_t warnings;

static void warned(int sig)
{
	warnings++;
}

/* Alone with the limit, whose soft part moves on by a second when it is reached. */
static void spin_to_hard_limit(void)
{
	struct rlimit l = { 0, 1 };

	signal(SIGXCPU, warned);
	if (setrlimit(RLIMIT_CPU, &l))
		_exit(1);
	while (!warnings)
		;
	if (getrlimit(RLIMIT_CPU, &l) || l.rlim_cur != 1 || l.rlim_max != 1)
		_exit(2);
	for (;;)
		if (warnings > 1)
			_exit(3);
}

UTEST(ids_cpu_limit, "6.0", 0, "RLIMIT_CPU: SIGXCPU at the soft limit and SIGKILL at the hard one, also in a child")
{
	struct rlimit l = { 1, 20 };
	struct rusage u;
	int status;
	pid_t hard = fork(), soft;

	if (hard == 0)
		spin_to_hard_limit();
	UT_EQ(setrlimit(RLIMIT_CPU, &l), 0);
	soft = fork();
	if (soft == 0)
		for (;;)
			getppid();
	UT_EQ(wait4(soft, &status, 0, &u), soft);
	UT_MSG(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU, "status %#x", status);
	UT_MSG(us(&u.ru_utime) + us(&u.ru_stime) >= 700000, "killed after %ld us of CPU time",
	       us(&u.ru_utime) + us(&u.ru_stime));
	UT_EQ(waitpid(hard, &status, 0), hard);
	UT_MSG(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %#x", status);
}

UTEST(ids_names, "6.0", 0, "uname, sethostname, setdomainname, personality, umask")
{
	struct utsname u;
	char name[65];

	UT_EQ(uname(&u), 0);
	UT_STREQ(u.sysname, "Linux");
	UT_STREQ(u.machine, "x86_64");
	UT_ERRNO(syscall(SYS_uname, (void *)8), EFAULT);
	UT_ERRNO(sethostname("x", 65), EINVAL);
	UT_ERRNO(sethostname("x", -1), EINVAL);
	UT_ERRNO(setdomainname("x", 65), EINVAL);
	UT_EQ(gethostname(name, sizeof(name)), 0);
	UT_STREQ(name, u.nodename);
	UT_EQ(personality(0xffffffff), 0);
	UT_EQ(personality(ADDR_NO_RANDOMIZE), 0);
	UT_EQ(personality(0xffffffff), ADDR_NO_RANDOMIZE);
	umask(077);
	UT_EQ(umask(01777), 077);
	UT_EQ(umask(0), 0777);
	UT_EQ(setuid(9), 0);
	UT_ERRNO(sethostname("x", 1), EPERM);
	UT_ERRNO(setdomainname("x", 1), EPERM);
}

UTEST(ids_prctl, "6.0", 0, "prctl: names, dumpability, death signals, no new privileges; unknown words")
{
	char name[16] = { 0 };
	int value = -1;

	UT_EQ(prctl(PR_SET_NAME, "a name that is too long"), 0);
	UT_EQ(prctl(PR_GET_NAME, name), 0);
	UT_STREQ(name, "a name that is ");
	UT_EQ(prctl(PR_SET_PDEATHSIG, SIGUSR1), 0);
	UT_EQ(prctl(PR_GET_PDEATHSIG, &value), 0);
	UT_EQ(value, SIGUSR1);
	UT_ERRNO(prctl(PR_SET_PDEATHSIG, 65), EINVAL);
	UT_EQ(prctl(PR_GET_DUMPABLE), 1);
	UT_EQ(prctl(PR_SET_DUMPABLE, 0), 0);
	UT_EQ(prctl(PR_GET_DUMPABLE), 0);
	UT_ERRNO(prctl(PR_SET_DUMPABLE, 2), EINVAL);
	UT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	UT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	UT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	UT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	UT_EQ(prctl(PR_GET_KEEPCAPS), 0);
	UT_ERRNO(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
	UT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	UT_EQ(prctl(PR_GET_CHILD_SUBREAPER, &value), 0);
	UT_EQ(value, 1);
	UT_ERRNO(prctl(12345), EINVAL);
}

UTEST_MAIN(ids_users, ids_groups, ids_file_system, ids_capabilities, ids_limits, ids_priorities, ids_usage,
	   ids_usage_grows, ids_cpu_limit, ids_names, ids_prctl)
