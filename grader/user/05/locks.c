/*
 * File locks: flock, record locks, open-file-description locks.
 */
#include "vfs_test.h"
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct flock range(int type, long start, long len)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
}

static int lock(int fd, int cmd, int type, long start, long len)
{
	struct flock k = range(type, start, len);

	return fcntl(fd, cmd, &k);
}

/* Run fn in a child: its exit status. */
static int in_child(int (*fn)(int fd), int fd)
{
	int status, pid = UT_OK(fork());

	if (pid == 0)
		_exit(fn(fd));
	UT_OK(waitpid(pid, &status, 0));
	return WEXITSTATUS(status);
}

static int child_tests_locks(int fd)
{
	struct flock k = range(F_WRLCK, 0, 100);

	if (fcntl(fd, F_GETLK, &k) < 0 || k.l_type != F_WRLCK || k.l_start != 10 || k.l_len != 10 ||
	    k.l_pid != getppid())
		return 1;
	if (lock(fd, F_SETLK, F_WRLCK, 15, 1) != -1 || (errno != EAGAIN && errno != EACCES))
		return 2;
	if (lock(fd, F_SETLK, F_WRLCK, 20, 10) != -1)	/* the reader's part */
		return 3;
	if (lock(fd, F_SETLK, F_RDLCK, 20, 10) < 0)
		return 4;
	if (lock(fd, F_SETLK, F_WRLCK, 0, 10) < 0)
		return 5;
	k = range(F_WRLCK, 50, 0);
	return fcntl(fd, F_GETLK, &k) == 0 && k.l_type == F_UNLCK ? 0 : 6;
}

UTEST(record_locks, "5.0", 0, "record locks exclude other processes, range by range")
{
	int fd, other;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	UT_OK(lock(fd, F_SETLK, F_WRLCK, 0, 30));
	UT_OK(lock(fd, F_SETLK, F_UNLCK, 0, 10));
	UT_OK(lock(fd, F_SETLK, F_RDLCK, 20, 10));
	UT_EQ(in_child(child_tests_locks, fd), 0);
	/* Closing any descriptor of the file gives all of the process's locks up. */
	other = UT_OK(open("f", O_RDONLY));
	UT_ERRNO(lock(other, F_SETLK, F_WRLCK, 0, 1), EBADF);
	close(other);
	UT_EQ(in_child(child_tests_locks, fd), 1);
	UT_ERRNO(lock(fd, F_SETLK, 77, 0, 1), EINVAL);
	UT_ERRNO(lock(fd, F_SETLK, F_RDLCK, -5, 1), EINVAL);
}

UTEST(record_lock_path, "5.0", 0, "closing an O_PATH descriptor of the file does not give its locks up")
{
	int fd;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	UT_OK(lock(fd, F_SETLK, F_WRLCK, 10, 10));
	UT_OK(lock(fd, F_SETLK, F_RDLCK, 20, 10));
	UT_OK(close(UT_OK(open("f", O_PATH))));
	UT_EQ(in_child(child_tests_locks, fd), 0);
	UT_OK(close(UT_OK(open("f", O_RDONLY))));
	UT_EQ(in_child(child_tests_locks, fd), 1);
}

static int child_waits(int fd)
{
	if (lock(fd, F_SETLKW, F_WRLCK, 0, 0) < 0)
		return 1;
	return strcmp(text_of("f"), "ready") ? 2 : 0;
}

UTEST(record_lock_waits, "5.0", 0, "F_SETLKW sleeps until the lock is free")
{
	int fd, status, pid;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	UT_OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
	pid = UT_OK(fork());
	if (pid == 0)
		_exit(child_waits(fd));
	usleep(50000);
	UT_EQ(waitpid(pid, &status, WNOHANG), 0);
	UT_EQ(write(fd, "ready", 5), 5);
	UT_OK(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	UT_EQ(waitpid(pid, &status, 0), pid);
	UT_EQ(status, 0);
}

UTEST(record_lock_deadlock, "5.0", 0, "two processes that wait for each other: one gets EDEADLK")
{
	int fd, status, pid, mine, theirs;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	UT_OK(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	pid = UT_OK(fork());
	if (pid == 0) {
		if (lock(fd, F_SETLK, F_WRLCK, 1, 1) < 0)
			_exit(2);
		UT_OK(open("has-its-lock", O_CREAT | O_WRONLY, 0644));
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 1) < 0 ? errno == EDEADLK : 0);
	}
	while (!exists("has-its-lock"))
		usleep(1000);
	usleep(20000);
	mine = lock(fd, F_SETLKW, F_WRLCK, 1, 1) < 0 && errno == EDEADLK;
	UT_OK(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	UT_OK(waitpid(pid, &status, 0));
	theirs = WEXITSTATUS(status);
	UT_EQ(mine + theirs, 1);
}

/* Take byte n and then, once `go` exists, wait for what is wanted. The exit status says how. */
static int start_holder(int fd, int n, const char *go, int want, int len)
{
	char name[16];
	int pid = UT_OK(fork());

	sprintf(name, "has-%d", n);
	if (pid == 0) {
		if (lock(fd, F_SETLK, F_WRLCK, n, 1) < 0)
			_exit(2);
		close(open(name, O_CREAT | O_WRONLY, 0644));
		while (!exists(go))
			usleep(1000);
		_exit(lock(fd, F_SETLKW, F_WRLCK, want, len) < 0 ? errno == EDEADLK : 0);
	}
	while (!exists(name))
		usleep(1000);
	return pid;
}

/*
 * One process holds byte 5 and wants bytes 0 and 1, of which we hold one and `first` the other. We
 * give up ours, and it goes on waiting, for `first`. That we then wait for byte 5 closes no circle.
 */
UTEST(record_lock_chain, "5.0", 0, "who waits for two holders in turn waits for the one that is left")
{
	int fd, status, first, waits, pid;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	UT_OK(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	first = start_holder(fd, 1, "go", 9, 1);
	waits = start_holder(fd, 5, ".", 0, 2);
	usleep(50000);
	UT_OK(lock(fd, F_SETLK, F_UNLCK, 0, 1));	/* now only `first` is in its way */
	usleep(50000);
	pid = UT_OK(fork());
	if (pid == 0) {			/* ends the wait, so that ours below does not last for ever */
		usleep(200000);
		close(open("go", O_CREAT | O_WRONLY, 0644));
		_exit(0);
	}
	UT_MSG(lock(fd, F_SETLKW, F_WRLCK, 5, 1) == 0, "no circle, but %s", strerror(errno));
	UT_OK(waitpid(waits, &status, 0));
	UT_EQ(status, 0);
	UT_OK(waitpid(first, &status, 0));
	UT_OK(waitpid(pid, &status, 0));
}

static int child_flocks(int fd)
{
	int other = open("f", O_RDWR);

	if (flock(other, LOCK_EX | LOCK_NB) != -1 || errno != EWOULDBLOCK)
		return 1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)	/* the parent's open file: it is ours too */
		return 2;
	return 0;
}

UTEST(flock_files, "5.0", 0, "flock belongs to the open file, which fork and dup share")
{
	int fd, second;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	second = UT_OK(open("f", O_RDWR));
	UT_OK(flock(fd, LOCK_EX));
	UT_ERRNO(flock(second, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	UT_EQ(in_child(child_flocks, fd), 0);
	UT_OK(flock(fd, LOCK_SH));
	UT_OK(flock(second, LOCK_SH | LOCK_NB));
	UT_ERRNO(flock(fd, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	UT_OK(close(second));
	UT_OK(flock(fd, LOCK_EX | LOCK_NB));
	UT_OK(flock(fd, LOCK_UN));
	UT_ERRNO(flock(fd, 0), EINVAL);
	UT_ERRNO(flock(99, LOCK_SH), EBADF);
}

UTEST(ofd_locks, "5.0", 0, "open-file-description locks exclude each other within one process")
{
	struct flock k;
	int a, b;

	in_new_directory();
	a = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	b = UT_OK(open("f", O_RDWR));
	UT_OK(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10));
	UT_ERRNO(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), EAGAIN);
	UT_OK(lock(b, F_OFD_SETLK, F_WRLCK, 10, 1));
	k = range(F_WRLCK, 0, 1);
	UT_OK(fcntl(b, F_OFD_GETLK, &k));
	UT_EQ(k.l_type, F_WRLCK);
	UT_EQ(k.l_pid, -1);
	k = range(F_WRLCK, 0, 1);
	k.l_pid = 5;
	UT_ERRNO(fcntl(b, F_OFD_SETLK, &k), EINVAL);
	UT_OK(close(a));
	UT_OK(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1));
}

/* Like fork(), but the child shares our descriptors. */
static int fork_sharing_files(void)
{
	return UT_OK(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
}

/* Can somebody else have the whole file? */
static int child_locks_all(int fd)
{
	(void)fd;
	fd = open("f", O_RDWR);
	return lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : 1;
}

/* Two who share an open file lock it at the same moment: it has one lock then, not two. */
UTEST(flock_at_once, "5.0", 0, "an open file has one flock, however many ask for it at once")
{
	volatile int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd, pid, status;

	in_new_directory();
	for (int round = 0; round < 300; round++) {
		fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
		*ready = 0;
		pid = UT_OK(fork());
		__sync_fetch_and_add(ready, 1);
		while (*ready < 2)
			sched_yield();
		flock(fd, LOCK_EX);
		if (pid == 0)
			_exit(0);
		close(fd);
		UT_OK(waitpid(pid, &status, 0));
		UT_EQ(in_child(child_locks_all, -1), 0);
	}
}

UTEST(record_locks_shared, "5.0", 0, "who shares descriptors shares record locks, and a close ends them")
{
	int fd, pid, status;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	pid = fork_sharing_files();
	if (pid == 0)
		_exit(lock(fd, F_SETLK, F_WRLCK, 0, 0) != 0);
	UT_OK(waitpid(pid, &status, 0));
	UT_EQ(status, 0);
	UT_EQ(in_child(child_locks_all, -1), 1);
	close(fd);
	UT_EQ(in_child(child_locks_all, -1), 0);
}

UTEST(record_lock_closed, "5.0", 0, "a descriptor that is closed during F_SETLKW leaves no lock behind")
{
	volatile int *over = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct flock all = range(F_WRLCK, 0, 0);
	int fd, holder, waiter, status;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	holder = UT_OK(fork());
	if (holder == 0) {
		lock(fd, F_SETLK, F_WRLCK, 0, 0);
		while (!*over)
			usleep(1000);
		_exit(0);
	}
	do {
		usleep(1000);
		all.l_type = F_WRLCK;
		UT_OK(fcntl(fd, F_GETLK, &all));
	} while (all.l_type == F_UNLCK);
	waiter = fork_sharing_files();
	if (waiter == 0)
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 0) == -1 && errno == EBADF ? 0 : 1);
	usleep(50000);
	close(fd);
	*over = 1;
	UT_OK(waitpid(holder, &status, 0));
	UT_OK(waitpid(waiter, &status, 0));
	UT_EQ(status, 0);
	UT_EQ(in_child(child_locks_all, -1), 0);
}

/* Whoever looks at /proc/PID/fd must not keep what the process gives up at its end. */
UTEST(record_lock_watched, "5.0", 0, "a process's end gives its record locks up, even while /proc is read")
{
	char name[64];
	int fd, pid, status;

	in_new_directory();
	fd = UT_OK(open("f", O_RDWR | O_CREAT, 0644));
	for (int round = 0; round < 200; round++) {
		pid = UT_OK(fork());
		if (pid == 0)
			_exit(lock(fd, F_SETLK, F_WRLCK, 0, 0) != 0);
		snprintf(name, sizeof(name), "/proc/%d/fd/%d", pid, 1000);
		do {
			struct stat st;

			for (int i = 0; i < 10; i++)
				stat(name, &st);
		} while (UT_OK(waitpid(pid, &status, WNOHANG)) == 0);
		UT_EQ(status, 0);
		UT_OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
		UT_OK(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	}
}

UTEST_MAIN(record_locks, record_lock_path, record_lock_waits, record_lock_deadlock, record_lock_chain,
	   flock_files, ofd_locks, flock_at_once, record_locks_shared, record_lock_closed,
	   record_lock_watched)
