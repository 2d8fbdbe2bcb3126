/*
 * Exercise 3.4: descriptors. Descriptor 3, the grader's stream, serves as the file to play with.
 */
#include "ktap_user.h"

#define SYS_read	0
#define SYS_write	1
#define SYS_close	3
#define SYS_fstat	5
#define SYS_dup		32
#define SYS_dup2	33
#define SYS_fcntl	72
#define SYS_setrlimit	160
#define SYS_dup3	292
#define SYS_close_range	436
#define EBADF		9
#define EMFILE		24
#define EINVAL		22
#define O_CLOEXEC	02000000
#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_DUPFD_CLOEXEC	1030
#define RLIMIT_NOFILE	7

/* So that the lowest free descriptor is known, whatever else this process was given. */
static void close_others(void)
{
	syscall3(SYS_close_range, 4, ~0U, 0);
}

UTEST(fd_lowest, "3.4", 5, "dup returns the lowest free descriptor, also into a gap")
{
	close_others();
	UT_EQ(syscall1(SYS_dup, 3), 4);
	UT_EQ(syscall1(SYS_dup, 4), 5);
	UT_EQ(syscall1(SYS_dup, 3), 6);
	UT_EQ(syscall1(SYS_close, 5), 0);
	UT_EQ(syscall1(SYS_dup, 3), 5);
	UT_EQ(syscall1(SYS_dup, 3), 7);
	UT_EQ(syscall3(SYS_fcntl, 3, F_DUPFD, 100), 100);
	UT_EQ(syscall3(SYS_fcntl, 3, F_DUPFD, 100), 101);
	UT_EQ(syscall1(SYS_dup, 3), 8);
	UT_EQ(syscall1(SYS_dup, 99), -EBADF);
	UT_EQ(syscall1(SYS_dup, -1), -EBADF);
	UT_EQ(syscall1(SYS_close, 99), -EBADF);
}

UTEST(fd_limit, "3.4", 4, "RLIMIT_NOFILE bounds the number of a new descriptor: EMFILE")
{
	unsigned long limit[2] = { 8, 8 };

	close_others();
	UT_EQ(syscall2(SYS_setrlimit, RLIMIT_NOFILE, limit), 0);
	for (int fd = 4; fd < 8; fd++)
		UT_EQ(syscall1(SYS_dup, 3), fd);
	UT_EQ(syscall1(SYS_dup, 3), -EMFILE);
	UT_EQ(syscall3(SYS_fcntl, 3, F_DUPFD, 4), -EMFILE);
	UT_EQ(syscall3(SYS_fcntl, 3, F_DUPFD, 8), -EINVAL);
	UT_EQ(syscall2(SYS_dup2, 3, 8), -EBADF);
	UT_EQ(syscall1(SYS_close, 6), 0);
	UT_EQ(syscall1(SYS_dup, 3), 6);
}

UTEST(fd_many, "3.4", 3, "the table grows: a thousand descriptors, all usable")
{
	long st[18];

	close_others();
	for (int fd = 4; fd < 1000; fd++)
		UT_EQ(syscall1(SYS_dup, 3), fd);
	UT_EQ(syscall2(SYS_fstat, 999, st), 0);
	UT_EQ(syscall2(SYS_fstat, 1000, st), -EBADF);
	for (int fd = 4; fd < 1000; fd += 3)
		UT_EQ(syscall1(SYS_close, fd), 0);
	UT_EQ(syscall1(SYS_dup, 3), 4);
	UT_EQ(syscall1(SYS_dup, 3), 7);
}

UTEST(fd_dup2_onto, "3.4", 3,
      "dup2 closes what stood at the new number; onto itself it does nothing")
{
	close_others();
	UT_EQ(syscall2(SYS_dup2, 3, 50), 50);
	UT_EQ(syscall2(SYS_dup2, 3, 50), 50);
	UT_EQ(syscall2(SYS_dup2, 3, 3), 3);
	UT_EQ(syscall2(SYS_dup2, 60, 60), -EBADF);
	UT_EQ(syscall2(SYS_dup2, 60, 50), -EBADF);
	UT_EQ(syscall3(SYS_fcntl, 50, F_GETFD, 0), 0);
	UT_EQ(syscall3(SYS_dup3, 3, 3, 0), -EINVAL);
	UT_EQ(syscall3(SYS_dup3, 3, 51, 1), -EINVAL);
	UT_EQ(syscall3(SYS_dup3, 3, 51, 0), 51);
	UT_EQ(syscall1(SYS_close, 3), 0);
	UT_EQ(syscall2(SYS_dup2, 50, 3), 3);	/* and the stream is back */
}

UTEST(fd_cloexec, "3.4", 3,
      "close-on-exec belongs to the descriptor, and a duplicate does not inherit it")
{
	close_others();
	UT_EQ(syscall1(SYS_dup, 3), 4);
	UT_EQ(syscall3(SYS_fcntl, 4, F_GETFD, 0), 0);
	UT_EQ(syscall3(SYS_fcntl, 4, F_SETFD, 1), 0);
	UT_EQ(syscall3(SYS_fcntl, 4, F_GETFD, 0), 1);
	UT_EQ(syscall1(SYS_dup, 4), 5);
	UT_EQ(syscall3(SYS_fcntl, 5, F_GETFD, 0), 0);
	UT_EQ(syscall3(SYS_fcntl, 3, F_DUPFD_CLOEXEC, 0), 6);
	UT_EQ(syscall3(SYS_fcntl, 6, F_GETFD, 0), 1);
	UT_EQ(syscall3(SYS_dup3, 3, 7, O_CLOEXEC), 7);
	UT_EQ(syscall3(SYS_fcntl, 7, F_GETFD, 0), 1);
	UT_EQ(syscall2(SYS_dup2, 3, 7), 7);
	UT_EQ(syscall3(SYS_fcntl, 7, F_GETFD, 0), 0);
}

UTEST(fd_fork_copies, "3.0", 0, "a child's table is a copy: closing there leaves the parent's open")
{
	int status, pid, fd = syscall1(SYS_dup, 3);

	pid = ut_fork();
	if (pid == 0) {
		syscall1(SYS_close, fd);
		ut_exit(syscall3(SYS_fcntl, fd, F_GETFD, 0) == -EBADF ? 0 : 2);
	}
	UT_EQ(ut_waitpid(pid, &status), pid);
	UT_EQ(status, 0);
	UT_EQ(syscall3(SYS_fcntl, fd, F_GETFD, 0), 0);
}

UTEST(rw_errors, "3.0", 0, "reads and writes of bad descriptors and bad memory fail as on Linux")
{
	struct {
		const void *base;
		unsigned long size;
	} iov[2] = { { "", 0 }, { (void *)8, 1 } };

	UT_EQ(syscall3(SYS_write, 77, "", 1), -EBADF);
	UT_EQ(syscall3(SYS_write, 3, 8, 1), -14);
	UT_EQ(syscall3(SYS_write, 3, 0xffff800000000000, 1), -14);
	UT_EQ(syscall3(SYS_write, 3, "", 0), 0);
	UT_EQ(syscall3(20, 3, iov, -1), -EINVAL);
	UT_EQ(syscall3(20, 3, iov, 1025), -EINVAL);
	UT_EQ(syscall3(20, 3, iov, 2), -14);
	UT_EQ(syscall3(20, 3, 8, 1), -14);
}

UTEST(rw_order, "3.0", 0, "what cannot be sought in says so before the buffer is looked at")
{
	int fd = syscall1(SYS_dup, 1);
	long seeks = syscall3(8, fd, 0, 1);			/* lseek: the console cannot */

	UT_EQ(syscall4(18, fd, "", -1, 0), seeks < 0 ? -29 : -14);	/* pwrite64: ESPIPE */
	UT_EQ(syscall5(296, fd, 8, 1, 0, 0), seeks < 0 ? -29 : -14);	/* pwritev */
	UT_EQ(syscall4(18, fd, "", -1, -1), -EINVAL);
}

UTEST_MAIN(fd_lowest, fd_limit, fd_many, fd_dup2_onto, fd_cloexec, fd_fork_copies,
	   rw_errors, rw_order)
