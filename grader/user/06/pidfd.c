/*
 * Processes as files: pidfd_open(2), pidfd_send_signal(2), CLONE_PIDFD, waitid(2) with P_PIDFD,
 * pidfd_getfd(2).
 */
#include "posix.h"

#include <linux/sched.h>
#include <sys/pidfd.h>

#define NO_PROCESS	4194303		/* above any number that is given out */

/* A child that ends with status 7 when it gets SIGUSR1. */
static void on_usr1(int sig)
{
	_exit(7);
}

static pid_t sleeper(void)
{
	pid_t pid;

	handle(SIGUSR1, on_usr1, 0);
	pid = fork();
	UT_ASSERT(pid >= 0);
	if (pid == 0)
		for (;;)
			pause();
	signal(SIGUSR1, SIG_DFL);
	return pid;
}

UTEST(pidfd_signal, "6.0", 0, "a signal reaches the process behind a descriptor, also behind /proc/PID")
{
	pid_t pid = sleeper();
	int fd = UT_OK(pidfd_open(pid, 0)), dir, status;
	char path[32];

	UT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	UT_EQ(pidfd_send_signal(fd, 0, NULL, 0), 0);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (access("/proc/self", F_OK) != 0) {
		mkdir("/proc", 0755);
		UT_EQ(mount("none", "/proc", "proc", 0, NULL), 0);
	}
	dir = UT_OK(open(path, O_RDONLY | O_DIRECTORY));
	UT_EQ(pidfd_send_signal(dir, SIGUSR1, NULL, 0), 0);
	status = wait_limited(pid, 0);
	UT_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	UT_ERRNO(pidfd_send_signal(fd, 0, NULL, 0), ESRCH);
	UT_ERRNO(pidfd_send_signal(dir, 0, NULL, 0), ESRCH);
}

UTEST(pidfd_errors, "6.0", 0, "what is no process, no descriptor of one, or no signal is refused")
{
	int self = UT_OK(pidfd_open(getpid(), 0)), null = UT_OK(open("/", O_RDONLY));
	siginfo_t info = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };

	UT_ERRNO(pidfd_open(0, 0), EINVAL);
	UT_ERRNO(pidfd_open(-1, 0), EINVAL);
	UT_ERRNO(pidfd_open(NO_PROCESS, 0), ESRCH);
	UT_ERRNO(pidfd_open(getpid(), 1), EINVAL);
	UT_ERRNO(pidfd_send_signal(null, 0, NULL, 0), EBADF);
	UT_ERRNO(pidfd_send_signal(-1, 0, NULL, 0), EBADF);
	UT_ERRNO(pidfd_send_signal(self, 65, NULL, 0), EINVAL);
	UT_ERRNO(pidfd_send_signal(self, -1, NULL, 0), EINVAL);
	UT_ERRNO(pidfd_send_signal(self, SIGUSR1, &info, 0), EINVAL);	/* not the same signal */
	UT_ERRNO(pidfd_send_signal(self, SIGUSR1, (void *)8, 0), EFAULT);
	UT_ERRNO(read(self, &info, 1), EINVAL);
	UT_ERRNO(write(self, &info, 1), EINVAL);
}

static volatile sig_atomic_t queued;

static void on_queued(int sig, siginfo_t *info, void *context)
{
	queued = info->si_value.sival_int;
}

UTEST(pidfd_siginfo, "6.0", 0, "a value can go with the signal, but nobody can pretend to be the kernel to others")
{
	struct sigaction act = { .sa_sigaction = on_queued, .sa_flags = SA_SIGINFO };
	siginfo_t info = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };
	pid_t pid = sleeper();
	int self = UT_OK(pidfd_open(getpid(), 0)), other = UT_OK(pidfd_open(pid, 0));

	UT_EQ(sigaction(SIGUSR2, &act, NULL), 0);
	info.si_value.sival_int = 1234;
	UT_EQ(pidfd_send_signal(self, SIGUSR2, &info, 0), 0);
	UT_EQ(queued, 1234);
	info.si_code = SI_USER;
	UT_ERRNO(pidfd_send_signal(other, SIGUSR2, &info, 0), EPERM);
	info.si_code = SI_TKILL;
	UT_ERRNO(pidfd_send_signal(other, SIGUSR2, &info, 0), EPERM);
	UT_EQ(kill(pid, SIGKILL), 0);
	UT_ASSERT(wait_limited(pid, 0) >= 0);
}

UTEST(pidfd_poll, "6.0", 0, "a descriptor becomes readable when its process ends, before it is waited for")
{
	pid_t pid = sleeper();
	int fd = UT_OK(pidfd_open(pid, 0));
	siginfo_t info;

	UT_EQ(readable(fd, 20), 0);
	UT_EQ(kill(pid, SIGUSR1), 0);
	UT_EQ(readable(fd, LIMIT_MS), 1);
	memset(&info, 0, sizeof(info));
	UT_EQ(waitid(P_PIDFD, fd, &info, WEXITED | WNOWAIT), 0);
	UT_EQ(info.si_pid, pid);
	UT_EQ(info.si_code, CLD_EXITED);
	UT_EQ(info.si_status, 7);
	UT_EQ(waitid(P_PIDFD, fd, &info, WEXITED), 0);
	UT_EQ(readable(fd, 0), 1);
	UT_ERRNO(waitid(P_PIDFD, fd, &info, WEXITED), ECHILD);
	UT_EQ(info.si_pid, 0);
}

UTEST(pidfd_wait, "6.0", 0, "waitid() takes a descriptor of a child only; O_NONBLOCK turns waiting into EAGAIN")
{
	pid_t pid = sleeper();
	int fd = UT_OK(pidfd_open(pid, PIDFD_NONBLOCK)), parent = UT_OK(pidfd_open(getppid() ? getppid() : 1, 0));
	int root = UT_OK(open("/", O_RDONLY));
	siginfo_t info;

	UT_ERRNO(waitid(P_PIDFD, fd, &info, WEXITED), EAGAIN);
	UT_ERRNO(waitid(P_PIDFD, parent, &info, WEXITED | WNOHANG), ECHILD);
	UT_ERRNO(waitid(P_PIDFD, root, &info, WEXITED | WNOHANG), EBADF);
	UT_ERRNO(waitid(P_PIDFD, -1, &info, WEXITED | WNOHANG), EINVAL);
	UT_EQ(kill(pid, SIGUSR1), 0);
	UT_EQ(readable(fd, LIMIT_MS), 1);
	UT_EQ(waitid(P_PIDFD, fd, &info, WEXITED), 0);
}

static pid_t clone3_pidfd(int *fd, unsigned long more, int exit_signal)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | more, .pidfd = (uintptr_t)fd, .exit_signal = exit_signal,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

UTEST(pidfd_clone, "6.0", 0, "CLONE_PIDFD gives the parent a descriptor of the child")
{
	int fd = -1;
	pid_t pid = UT_OK(clone3_pidfd(&fd, 0, SIGCHLD));
	siginfo_t info;

	if (pid == 0)
		_exit(3);
	UT_ASSERT(fd >= 0);
	UT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	UT_EQ(waitid(P_PIDFD, fd, &info, WEXITED), 0);
	UT_EQ(info.si_pid, pid);
	UT_EQ(info.si_status, 3);
	UT_ERRNO(clone3_pidfd((int *)8, 0, SIGCHLD), EFAULT);
}

/* Whether both mean the same open file: moving one moves the other. */
static bool same_file(int a, int b)
{
	return lseek(a, 3, SEEK_SET) == 3 && lseek(b, 0, SEEK_CUR) == 3 &&
	       lseek(b, 5, SEEK_SET) == 5 && lseek(a, 0, SEEK_CUR) == 5;
}

UTEST(pidfd_take, "6.0", 0, "pidfd_getfd() gives another process's descriptor to who may look into that process")
{
	int mine = UT_OK(open("/tmp/taken", O_CREAT | O_RDWR, 0600)), theirs, fd;
	pid_t pid, other;

	UT_EQ(dup2(mine, 77), 77);
	pid = sleeper();
	UT_OK(close(77));
	fd = UT_OK(pidfd_open(pid, 0));
	theirs = UT_OK(pidfd_getfd(fd, 77, 0));
	UT_EQ(fcntl(theirs, F_GETFD), FD_CLOEXEC);
	UT_ASSERT(same_file(mine, theirs));
	UT_ERRNO(pidfd_getfd(fd, 78, 0), EBADF);
	UT_ERRNO(pidfd_getfd(fd, 77, 1), EINVAL);
	UT_ERRNO(pidfd_getfd(mine, 77, 0), EBADF);
	other = UT_OK(fork());
	if (other == 0) {
		UT_OK(setgid(65534));
		UT_OK(setuid(65534));
		UT_ERRNO(pidfd_getfd(fd, 77, 0), EPERM);
		_exit(0);
	}
	UT_EQ(wait_limited(other, 0), 0);
	UT_OK(kill(pid, SIGKILL));
	UT_EQ(wait_limited(pid, 0), SIGKILL);
	UT_ERRNO(pidfd_getfd(fd, 77, 0), ESRCH);
}

UTEST_MAIN(pidfd_signal, pidfd_errors, pidfd_siginfo, pidfd_poll, pidfd_wait, pidfd_clone, pidfd_take)
