/*
 * Objects that several processes share, and that one of them gives up at the wrong moment; numbers
 * that are given out again; and what a program may make the kernel keep. No points.
 */
#include "posix.h"

#include <sched.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/un.h>
#include <sys/wait.h>

#define SEMAPHORES	1000

/* Semaphore sets until one has that identifier, which belonged to another: 0 if none gets it. */
static int set_with_id(int id)
{
	for (int i = 0; i < 70000; i++) {
		int now = semget(IPC_PRIVATE, SEMAPHORES, 0600);

		if (now == id)
			return 1;
		UT_ASSERT(now >= 0);
		UT_EQ(semctl(now, 0, IPC_RMID), 0);
	}
	return 0;
}

static void undo_of_a_removed_set(void)
{
	struct sembuf up = { 0, 1, SEM_UNDO };
	int id = semget(IPC_PRIVATE, 1, 0600);

	UT_ASSERT(id >= 0);
	UT_EQ(semop(id, &up, 1), 0);
	UT_EQ(semctl(id, 0, IPC_RMID), 0);
	if (!set_with_id(id))
		id = semget(IPC_PRIVATE, SEMAPHORES, 0600);
	UT_EQ(semctl(id, 0, SETVAL, 5), 0);
	UT_EQ(semctl(id, SEMAPHORES - 1, SETVAL, 5), 0);
	up.sem_num = SEMAPHORES - 1;
	UT_EQ(semop(id, &up, 1), 0);
	_exit(2);
}

UTEST(sem_undo_stale, "6.0", 0, "SEM_UNDO of a removed set does nothing to one that gets its number")
{
	struct semid_ds d;
	int status, id = -1;
	pid_t pid = fork();

	UT_ASSERT(pid >= 0);
	if (pid == 0)
		undo_of_a_removed_set();
	UT_EQ(waitpid(pid, &status, 0), pid);	/* tens of thousands of sets take a while */
	UT_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	for (int i = 0; i < 100 && id < 0; i++) {
		id = semctl(i, 0, SEM_STAT, &d);
		if (id >= 0 && d.sem_nsems != SEMAPHORES)
			id = -1;
	}
	UT_ASSERT(id >= 0);
	UT_EQ(semctl(id, 0, GETVAL), 5);
	UT_EQ(semctl(id, SEMAPHORES - 1, GETVAL), 5);
	UT_EQ(semctl(id, 0, IPC_RMID), 0);
}

/* Fork children that do nothing, without an end. */
static void fork_for_ever(void)
{
	for (int i = 0; i < 300; i++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				pause();
		UT_ASSERT(pid > 0);
	}
}

/* All our children, and those that we have inherited, end within a second. */
static int all_gone(void)
{
	for (int i = 0; i < 200; sleep_ms(5), i++)
		while (waitpid(-1, NULL, WNOHANG) != 0)
			if (errno == ECHILD)
				return 1;
	return 0;
}

UTEST(kill_forking_group, "6.0", 0, "a signal to a group reaches also who is just being forked there")
{
	UT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	for (int round = 0; round < 40; round++) {
		pid_t leader = fork();

		UT_ASSERT(leader >= 0);
		if (leader == 0) {
			setpgid(0, 0);
			fork_for_ever();
			_exit(0);
		}
		UT_EQ(setpgid(leader, leader), 0);
		sleep_ms(2 + round % 7);
		errno = 0;
		UT_EQ(kill(-leader, round % 2 ? SIGTERM : SIGKILL), 0);
		if (!all_gone()) {
			kill(-leader, SIGKILL);
			UT_MSG(0, "somebody survived round %d", round);
		}
	}
}

/* The parent moves the child to a group of its own while that ends. */
UTEST(setpgid_exit_race, "6.0", 0, "a process may end while its parent moves it to another group")
{
	for (int round = 0; round < 2000; round++) {
		pid_t pid = fork();

		UT_ASSERT(pid >= 0);
		if (pid == 0) {
			setpgid(0, 0);
			_exit(0);
		}
		for (int i = 0; i < 20; i++) {
			setpgid(pid, getpgrp());
			setpgid(pid, pid);
		}
		UT_EQ(waitpid(pid, NULL, 0), pid);
	}
}

UTEST(epoll_chain, "6.0", 0, "epoll instances nest only a few levels deep, in whatever order they are told")
{
	struct epoll_event ev = { .events = EPOLLIN }, got;
	int top = epoll_create1(0), outer = top, e = eventfd(0, 0), failed = 0;
	uint64_t one = 1;

	for (int i = 0; i < 400 && !failed; i++) {
		int inner = epoll_create1(0);

		UT_ASSERT(inner >= 0);
		failed = epoll_ctl(outer, EPOLL_CTL_ADD, inner, &ev);
		if (!failed)
			outer = inner;
	}
	failed |= epoll_ctl(outer, EPOLL_CTL_ADD, e, &ev);
	UT_ASSERT(failed);
	UT_EQ(write(e, &one, 8), 8);
	UT_ASSERT(epoll_wait(top, &got, 1, 0) >= 0);
}

/* Take one event and say so, each time the parent asks. */
static void take_one(int ep, int ask, int tell)
{
	struct epoll_event got;
	char c;

	while (read(ask, &c, 1) == 1)
		if (epoll_wait(ep, &got, 1, -1) != 1 || write(tell, &c, 1) != 1)
			_exit(2);
	_exit(0);
}

UTEST(epoll_waiters, "6.0", 0, "two events wake two who wait for one each")
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0), e[2], ask[2], tell[2];
	uint64_t n = 1;
	char c[2] = "";

	UT_EQ(pipe(ask), 0);
	UT_EQ(pipe(tell), 0);
	for (int i = 0; i < 2; i++) {
		e[i] = eventfd(0, EFD_NONBLOCK);
		UT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, e[i], &ev), 0);
	}
	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			close(ask[1]);
			take_one(ep, ask[0], tell[1]);
		}
	for (int round = 0; round < 1000; round++) {
		UT_EQ(write(ask[1], c, 2), 2);
		n = 1;
		UT_EQ(write(e[0], &n, 8), 8);
		UT_EQ(write(e[1], &n, 8), 8);
		for (int i = 0; i < 2; i++) {
			UT_MSG(readable(tell[0], LIMIT_MS), "round %d: %d of 2 woke up", round, i);
			UT_EQ(read(tell[0], c, 1), 1);
		}
		UT_EQ(read(e[0], &n, 8), 8);
		UT_EQ(read(e[1], &n, 8), 8);
	}
	close(ask[1]);
	while (wait(NULL) > 0)
		;
}

#define PIDFD_TYPE	3	/* waitid's P_PIDFD */

UTEST(pidfd_end, "6.0", 0, "a pidfd is readable when its process can be waited for, not earlier")
{
	for (int round = 0; round < 300; round++) {
		siginfo_t info = { .si_pid = 0 };
		pid_t pid = fork();
		struct pollfd p = { .events = POLLIN };

		UT_ASSERT(pid >= 0);
		if (pid == 0)
			_exit(0);
		p.fd = syscall(SYS_pidfd_open, pid, 0);
		UT_ASSERT(p.fd >= 0);
		while (poll(&p, 1, 0) == 0)
			;
		UT_EQ(waitid(PIDFD_TYPE, p.fd, &info, WEXITED | WNOHANG), 0);
		UT_EQ(info.si_pid, pid);
		close(p.fd);
	}
}

/* Another process with our descriptors looks at the next one all the time. */
UTEST(pidfd_early, "6.0", 0, "nobody gets hold of a pidfd before its process is complete")
{
	int next = dup(0), fd, status;
	pid_t looker, pid;

	close(next);
	looker = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	UT_ASSERT(looker >= 0);
	if (looker == 0)
		for (;;)
			waitid(PIDFD_TYPE, next, NULL, WEXITED | WNOHANG);
	for (int round = 0; round < 500; round++) {
		fd = -1;
		pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &fd, 0, 0);
		UT_ASSERT(pid >= 0);
		if (pid == 0)
			_exit(0);
		UT_EQ(fd, next);
		UT_EQ(waitpid(pid, &status, 0), pid);
		UT_EQ(close(fd), 0);
	}
	kill(looker, SIGKILL);
	UT_EQ(waitpid(looker, &status, 0), looker);
}

UTEST(timer_limit, "6.0", 0, "RLIMIT_SIGPENDING bounds timers, too")
{
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	struct rlimit limit;
	timer_t t;
	int n;

	UT_EQ(getrlimit(RLIMIT_SIGPENDING, &limit), 0);
	limit.rlim_cur = 100;
	UT_EQ(setrlimit(RLIMIT_SIGPENDING, &limit), 0);
	for (n = 0; n < 200 && timer_create(CLOCK_MONOTONIC, &ev, &t) == 0; n++)
		;
	UT_ASSERT(n > 0 && n <= 100);
	UT_EQ(errno, EAGAIN);
	UT_EQ(timer_delete(t), 0);
	UT_EQ(timer_create(CLOCK_MONOTONIC, &ev, &t), 0);
}

static struct sockaddr_un local(const char *format, int n)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), format, n);
	return a;
}

/* Two processes go on from here at the same moment. */
static void meet(volatile int *ready)
{
	__sync_fetch_and_add(ready, 1);
	for (int i = 0; *ready < 2; i++)
		if (i > 10000)
			sched_yield();
}

/* Two processes bind one socket at the same moment: one name it has, and no other leads to it. */
UTEST(bind_at_once, "6.0", 0, "a socket gets one name, however many bind it at once")
{
	volatile int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_un own, a[2] = { local("/tmp/bind-%d", 0), local("/tmp/bind-%d", 1) };
	int status;

	mkdir("/tmp", 0777);
	for (int round = 0; round < 200; round++) {
		int s = socket(AF_UNIX, SOCK_DGRAM, 0), probe = socket(AF_UNIX, SOCK_DGRAM, 0);
		socklen_t len = sizeof(own);
		int bound;
		pid_t pid;

		*ready = 0;
		pid = fork();
		meet(ready);
		bound = bind(s, (struct sockaddr *)&a[pid == 0], sizeof(own)) == 0;
		if (pid == 0)
			_exit(bound);
		UT_EQ(waitpid(pid, &status, 0), pid);
		UT_EQ(bound + WEXITSTATUS(status), 1);
		memset(&own, 0, sizeof(own));
		UT_EQ(getsockname(s, (struct sockaddr *)&own, &len), 0);
		UT_EQ(strcmp(own.sun_path, a[!bound].sun_path), 0);
		close(s);
		for (int i = 0; i < 2; i++) {
			UT_EQ(connect(probe, (struct sockaddr *)&a[i], sizeof(own)), -1);
			unlink(a[i].sun_path);
		}
		close(probe);
	}
}

/* How many messages of n bytes fit, up to a limit. */
static int messages_that_fit(int type, size_t n)
{
	char data[1] = "";
	int s[2], i;

	UT_EQ(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s), 0);
	for (i = 0; i < 100000 && send(s[0], data, n, 0) == (ssize_t)n; i++)
		;
	UT_EQ(errno, EAGAIN);
	UT_EQ(recv(s[1], data, 1, 0), (ssize_t)n);
	close(s[0]);
	close(s[1]);
	return i;
}

UTEST(socket_memory, "6.0", 0, "a queue is limited by the memory that messages take, not by their bytes")
{
	UT_ASSERT(messages_that_fit(SOCK_SEQPACKET, 0) < 10000);
	UT_ASSERT(messages_that_fit(SOCK_SEQPACKET, 1) < 10000);
	UT_ASSERT(messages_that_fit(SOCK_STREAM, 1) < 10000);
}

UTEST(socket_unaccepted, "6.0", 0, "a connection that is never accepted is reset when the listener closes")
{
	struct sockaddr_un a = local("/tmp/listen-%d", getpid());
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), s = socket(AF_UNIX, SOCK_STREAM, 0);
	char c;

	mkdir("/tmp", 0777);
	UT_EQ(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	UT_EQ(listen(listener, 5), 0);
	UT_EQ(connect(s, (struct sockaddr *)&a, sizeof(a)), 0);
	close(listener);
	UT_ERRNO(read(s, &c, 1), ECONNRESET);
	UT_EQ(read(s, &c, 1), 0);
	unlink(a.sun_path);
}

/* Send n descriptors and a byte. */
static int send_files(int s, const int *fds, int n)
{
	char data[1] = "x";
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} control;
	struct iovec iov = { data, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			    .msg_controllen = CMSG_SPACE(n * sizeof(int)) };

	control.h.cmsg_level = SOL_SOCKET;
	control.h.cmsg_type = SCM_RIGHTS;
	control.h.cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(&control.h), fds, n * sizeof(int));
	return sendmsg(s, &m, MSG_DONTWAIT) == 1 ? 0 : -1;
}

/* Receive one. */
static int receive_file(int s)
{
	char data[1];
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { data, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	int fd;

	UT_EQ(recvmsg(s, &m, MSG_DONTWAIT), 1);
	UT_EQ(control.h.cmsg_len, CMSG_LEN(sizeof(int)));
	memcpy(&fd, CMSG_DATA(&control.h), sizeof(fd));
	return fd;
}

/* What makes the kernel look: a socket is closed. */
static void close_some_socket(void)
{
	int s[2];

	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	close(s[0]);
	close(s[1]);
}

/* Nobody holds the other end of the pipe any more. */
static int at_end(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, LIMIT_MS) == 1 && p.revents & POLLHUP;
}

UTEST(scm_circle, "6.0", 0, "sockets that only each other's messages hold are closed, with all they hold")
{
	int s[2], t[2], p[2], fds[3];

	UT_EQ(pipe(p), 0);
	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, t), 0);
	/* s[1] holds t[1], which holds s[1], s[0] and a pipe. */
	UT_EQ(send_files(s[0], &t[1], 1), 0);
	memcpy(fds, (int[]){ s[1], s[0], p[1] }, sizeof(fds));
	UT_EQ(send_files(t[0], fds, 3), 0);
	for (int i = 0; i < 2; i++) {
		close(s[i]);
		close(t[i]);
	}
	close(p[1]);
	close_some_socket();
	UT_ASSERT(at_end(p[0]));
}

UTEST(scm_listener, "6.0", 0, "so is a listener that waits in a connection which it has not accepted")
{
	struct sockaddr_un a = local("/tmp/circle-%d", getpid());
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), s = socket(AF_UNIX, SOCK_STREAM, 0);
	int p[2], fds[2];

	mkdir("/tmp", 0777);
	UT_EQ(pipe(p), 0);
	UT_EQ(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	UT_EQ(listen(listener, 5), 0);
	UT_EQ(connect(s, (struct sockaddr *)&a, sizeof(a)), 0);
	memcpy(fds, (int[]){ listener, p[1] }, sizeof(fds));
	UT_EQ(send_files(s, fds, 2), 0);
	close(listener);
	close(s);
	close(p[1]);
	close_some_socket();
	UT_ASSERT(at_end(p[0]));
	unlink(a.sun_path);
}

UTEST(scm_reachable, "6.0", 0, "a socket that somebody can still receive stays, and what it holds")
{
	int s[2], t[2], fd;
	char c;

	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, t), 0);
	/* t[1] holds itself, but waits in s[1], too. */
	UT_EQ(send_files(t[0], &t[1], 1), 0);
	UT_EQ(write(t[0], "y", 1), 1);
	UT_EQ(send_files(s[0], &t[1], 1), 0);
	close(t[1]);
	close_some_socket();
	fd = receive_file(s[1]);
	close_some_socket();
	close(receive_file(fd));
	UT_EQ(read(fd, &c, 1), 1);
	UT_EQ(c, 'y');
}

/* As another user, with few descriptors: files in flight are limited, too. */
static void send_many(void)
{
	struct rlimit limit = { 20, 20 };
	int s[2], n;

	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	UT_EQ(setuid(4711), 0);
	for (n = 0; n < 100 && send_files(s[0], s, 1) == 0; n++)
		;
	UT_EQ(errno, ETOOMANYREFS);
	UT_ASSERT(n >= 20 && n < 30);
	close(receive_file(s[1]));
	UT_EQ(send_files(s[0], s, 1), 0);
}

UTEST(scm_limit, "6.0", 0, "a user has no more files in flight than RLIMIT_NOFILE")
{
	UT_EQ(in_child(send_many), 0);
}

/* Circle after circle: with no end to what they hold memory would be used up. */
UTEST(scm_many_circles, "6.0", 0, "circles of sockets do not pile up, whoever makes them")
{
	char data[4096] = "";
	int s[2];

	for (int round = 0; round < 3000; round++) {
		UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
		for (int i = 0; i < 20; i++)
			UT_EQ(send(s[0], data, sizeof(data), MSG_DONTWAIT), sizeof(data));
		UT_EQ(send_files(s[0], s, 2), 0);
		close(s[0]);
		close(s[1]);
	}
}

UTEST(shm_between, "6.0", 0, "shmdt unmaps the segment, not what was mapped in its place")
{
	long page = sysconf(_SC_PAGESIZE);
	int id = shmget(IPC_PRIVATE, 3 * page, 0600);
	volatile char *p = shmat(id, NULL, 0), *between;

	UT_EQ(shmctl(id, IPC_RMID, NULL), 0);
	UT_ASSERT(p != (void *)-1);
	between = mmap((void *)(p + page), page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	UT_ASSERT(between == p + page);
	*between = 7;
	UT_EQ(shmdt((void *)p), 0);
	UT_EQ(*between, 7);
	UT_EQ(mincore((void *)p, page, (unsigned char[1]){ 0 }), -1);
	UT_EQ(mincore((void *)(p + 2 * page), page, (unsigned char[1]){ 0 }), -1);
}

/* More than half of a small machine's memory. */
static size_t much_memory(void)
{
	struct sysinfo s;
	size_t most = 400 << 20;

	UT_EQ(sysinfo(&s), 0);
	return s.totalram * s.mem_unit / 5 * 3 < most ? s.totalram * s.mem_unit / 5 * 3 : most;
}

static void fill(char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 4096)
		p[i] = 1;
}

static void use_removed_segment(void)
{
	size_t n = much_memory();
	int id = shmget(IPC_PRIVATE, n, 0600);
	char *p = shmat(id, NULL, 0);

	UT_EQ(shmctl(id, IPC_RMID, NULL), 0);
	UT_ASSERT(p != (void *)-1);
	fill(p, n);
}

static void use_memory(void)
{
	size_t n = much_memory();
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	UT_ASSERT(p != MAP_FAILED);
	fill(p, n);
}

UTEST(shm_removed, "6.0", 0, "memory of a removed segment comes back when its last user ends")
{
	UT_EQ(in_child(use_removed_segment), 0);
	UT_EQ(in_child(use_memory), 0);
}

static void use_too_much_shared_memory(void)
{
	char *p = mmap(NULL, 1UL << 30, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	UT_ASSERT(p != MAP_FAILED);
	fill(p, 1UL << 30);
}

/* Private memory that is more than the others' together, and yet not to blame. */
UTEST(oom_shared, "6.0", 0, "who uses up memory by sharing it is killed for it, not somebody else")
{
	struct sysinfo s;
	char *p = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	UT_EQ(sysinfo(&s), 0);
	if (s.totalram * s.mem_unit > 900UL << 20)
		return;		/* a machine of some size: it would not be too much */
	fill(p, 8 << 20);
	pid = fork();
	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		munmap(p, 8 << 20);
		use_too_much_shared_memory();
		_exit(0);
	}
	UT_EQ(waitpid(pid, &status, 0), pid);
	UT_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* As another user, enlarge pipes until that is refused. */
static void enlarge_pipes(void)
{
	int p[2], n;

	UT_EQ(setuid(4712), 0);
	for (n = 0; n < 100; n++) {
		UT_EQ(pipe(p), 0);
		if (fcntl(p[0], F_SETPIPE_SZ, 1 << 20) != 1 << 20)
			break;
	}
	UT_EQ(errno, EPERM);
	UT_ASSERT(n >= 32 && n <= 64);
	UT_EQ(fcntl(p[0], F_SETPIPE_SZ, 4096), 4096);
	UT_EQ(write(p[1], p, sizeof(p)), sizeof(p));
}

UTEST(pipe_pages, "6.0", 0, "a user's pipes have a limit together, which is there again when they are closed")
{
	UT_EQ(in_child(enlarge_pipes), 0);
	UT_EQ(in_child(enlarge_pipes), 0);
}

/* As many items as there may be, if that are not too many to try. */
static void watch_all(void)
{
	struct rlimit limit = { 4000, 4000 };
	struct epoll_event ev = { .events = EPOLLIN };
	int e = eventfd(0, 0), ep = -1, fd = 4000;
	long n, most;
	FILE *f;

	mkdir("/proc", 0755);
	mount("none", "/proc", "proc", 0, NULL);
	f = fopen("/proc/sys/fs/epoll/max_user_watches", "r");
	UT_ASSERT(f && fscanf(f, "%ld", &most) == 1);
	fclose(f);
	if (most > 200000)
		return;
	UT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	UT_EQ(setuid(4713), 0);
	while ((fd = dup(e)) >= 0 && fd < 3800)
		;
	for (n = 0; n <= most; n++) {
		if (fd >= 3800) {
			ep = epoll_create1(0);
			fd = e;
		}
		UT_ASSERT(ep >= 0);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd++, &ev) != 0)
			break;
	}
	UT_EQ(errno, ENOSPC);
	UT_EQ(n, most);
}

UTEST(epoll_watches, "6.0", 0, "a user watches no more files than fs.epoll.max_user_watches says")
{
	UT_EQ(in_child(watch_all), 0);
}

UTEST_MAIN(sem_undo_stale, kill_forking_group, setpgid_exit_race, epoll_chain, epoll_waiters,
	   pidfd_end, pidfd_early, timer_limit, bind_at_once, socket_memory, socket_unaccepted,
	   scm_circle, scm_listener, scm_reachable, scm_limit, scm_many_circles, shm_between,
	   shm_removed, oom_shared, pipe_pages, epoll_watches)
