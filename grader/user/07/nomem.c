/*
 * Every allocation fails once: fork, exec and open are tried with the first allocation failing, then
 * the second, and so on until nothing failed any more. They give ENOMEM (or work, where the kernel can do without)
 * and leak nothing.
 *
 * @host no it needs a kernel with fault injection
 * @timeout 120
 */
#include "ktap_user.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define MOST	1000

static int fail_fd = -1;

static void open_fail_nth(void)
{
	char path[64];

	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	snprintf(path, sizeof(path), "/proc/%d/fail-nth", getpid());
	fail_fd = UT_OK(open(path, O_RDWR));
}

static void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	/* Writing allocates too, and may meet the failure that was armed before. */
	for (int try = 0; try < 3; try++)
		if (pwrite(fail_fd, text, len, 0) == len)
			return;
	UT_ASSERT(!"fail-nth can be written");
}

/* Whether the failure has happened; disarms it. */
static bool happened(void)
{
	char text[16] = "";
	bool yes = pread(fail_fd, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	arm(0);
	return yes;
}

static long free_kib(void)
{
	char text[512] = "", *p;
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	p = n > 0 ? strstr(text, "MemFree:") : NULL;
	return p ? atol(p + 8) : -1;
}

/* fn returns 0 or the errno. */
static void try_all(int (*fn)(void), const char *what)
{
	long before = 0, after;

	open_fail_nth();
	for (int round = 0; round < 2; round++) {	/* the first one fills caches */
		int n = 1, error;

		before = free_kib();
		for (; n <= MOST; n++) {
			bool failed;

			arm(n);
			error = fn();
			failed = happened();
			UT_MSG(error == 0 || error == ENOMEM || error == EAGAIN,
			       "%s with allocation %d failing: errno %d", what, n, error);
			if (!failed)
				break;
		}
		UT_MSG(n > 1, "%s allocates nothing", what);
		UT_MSG(error == 0, "%s fails without a failing allocation: errno %d", what, error);
	}
	after = free_kib();
	UT_MSG(before - after < 256, "%s: %ld KiB lost", what, before - after);
}

static int do_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	waitpid(pid, NULL, 0);
	return 0;
}

static int do_open(void)
{
	int fd = open("/tmp/some/file", O_CREAT | O_RDWR, 0644);
	int error = errno;

	if (fd < 0)
		return error;
	close(fd);
	return unlink("/tmp/some/file") ? errno : 0;
}

/* exec in a child that shares our thread's luck: the child arms itself. */
static int exec_number;

static void exec_child(void)
{
	char *argv[] = { "/bin/busybox", "true", NULL };

	close(fail_fd);
	open_fail_nth();
	fcntl(fail_fd, F_SETFD, FD_CLOEXEC);
	arm(exec_number);
	execv(argv[0], argv);
	_exit(errno == ENOMEM ? 77 : 78);
}

UTEST(fork_without_memory, "7.0", 0, "fork with any allocation failing gives ENOMEM and leaks nothing")
{
	try_all(do_fork, "fork");
}

UTEST(open_without_memory, "7.0", 0, "open and unlink with any allocation failing give ENOMEM and leak nothing")
{
	mkdir("/tmp", 0777);
	mkdir("/tmp/some", 0777);
	try_all(do_open, "open");
}

UTEST(exec_without_memory, "7.0", 0, "exec with any allocation failing gives ENOMEM or kills the process, and leaks nothing")
{
	long before = 0;
	int in_a_row = 0;

	open_fail_nth();
	for (exec_number = 1; exec_number <= MOST && in_a_row < 60; exec_number++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			exec_child();
		UT_EQ(waitpid(pid, &status, 0), pid);
		UT_MSG(WIFSIGNALED(status) || WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 0 ||
		       WEXITSTATUS(status) == 127,	/* met by the new program, as it starts */
		       "exec with allocation %d failing: status %#x", exec_number, status);
		in_a_row = status == 0 ? in_a_row + 1 : 0;
		if (exec_number == 10)
			before = free_kib();
	}
	UT_MSG(before - free_kib() < 512, "exec: %ld KiB lost", before - free_kib());
}

UTEST_MAIN(fork_without_memory, open_without_memory, exec_without_memory)
