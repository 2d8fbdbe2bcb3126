/* Exercise 6.6: poll and select. */
#include "posix.h"

#include <sys/select.h>

static int p[2];

UTEST(poll_ready, "6.6", 3, "poll and select tell what holds: readable, writable, hung up, not open")
{
	struct pollfd fds[4];
	fd_set in, out;

	UT_EQ(pipe(p), 0);
	fds[0] = (struct pollfd){ .fd = p[0], .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = p[1], .events = POLLIN | POLLOUT };
	fds[2] = (struct pollfd){ .fd = 900, .events = POLLIN };
	fds[3] = (struct pollfd){ .fd = -1, .events = POLLIN, .revents = 77 };
	UT_EQ(poll(fds, 4, -1), 2);
	UT_EQ(fds[0].revents, 0);
	UT_EQ(fds[1].revents, POLLOUT);
	UT_EQ(fds[2].revents, POLLNVAL);
	UT_EQ(fds[3].revents, 0);
	UT_EQ(write(p[1], "x", 1), 1);
	UT_EQ(poll(fds, 1, 0), 1);
	UT_EQ(fds[0].revents, POLLIN);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(p[0], &in);
	FD_SET(p[0], &out);
	FD_SET(p[1], &out);
	UT_EQ(select(p[1] + 1, &in, &out, NULL, NULL), 2);
	UT_ASSERT(FD_ISSET(p[0], &in) && !FD_ISSET(p[0], &out) && FD_ISSET(p[1], &out));
	close(p[1]);
	UT_EQ(poll(fds, 1, -1), 1);
	UT_EQ(fds[0].revents, POLLIN | POLLHUP);
	FD_SET(p[1], &in);
	UT_ERRNO(select(p[1] + 1, &in, NULL, NULL, NULL), EBADF);
}

UTEST(poll_wakes, "6.6", 4, "a poll of a hundred files sleeps until one of them has something, again and again")
{
	enum { N = 100, ROUNDS = 200 };
	static struct pollfd fds[N];
	int pipes[N][2], back[2];
	pid_t pid;
	char c;

	UT_EQ(pipe(back), 0);
	for (int i = 0; i < N; i++) {
		UT_EQ(pipe(pipes[i]), 0);
		fds[i] = (struct pollfd){ .fd = pipes[i][0], .events = POLLIN };
	}
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < ROUNDS; i++) {
			if (i % 20 == 0)
				sleep_ms(5);
			if (write(pipes[i * 37 % N][1], "x", 1) != 1 || read(back[0], &c, 1) != 1)
				_exit(2);
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		int k = i * 37 % N;

		UT_EQ(poll(fds, N, LIMIT_MS), 1);
		UT_MSG(fds[k].revents == POLLIN, "round %d: pipe %d should be readable", i, k);
		UT_EQ(read(pipes[k][0], &c, 1), 1);
		UT_EQ(write(back[1], "y", 1), 1);
	}
	UT_EQ(wait_limited(pid, 0), 0);
}

UTEST(poll_timeout, "6.6", 2, "poll returns 0 after its timeout, not before; select writes back what is left")
{
	struct pollfd fd;
	struct timeval tv = { 5, 0 };
	long start = now_ms();
	fd_set in;

	UT_EQ(pipe(p), 0);
	fd = (struct pollfd){ .fd = p[0], .events = POLLIN };
	UT_EQ(poll(&fd, 1, 60), 0);
	UT_ASSERT(now_ms() - start >= 60);
	UT_ASSERT(now_ms() - start < 2000);
	UT_EQ(poll(&fd, 1, 0), 0);
	UT_EQ(poll(NULL, 0, 20), 0);
	UT_EQ(write(p[1], "x", 1), 1);
	FD_ZERO(&in);
	FD_SET(p[0], &in);
	UT_EQ(syscall(SYS_select, p[0] + 1, &in, NULL, NULL, &tv), 1);
	UT_ASSERT(tv.tv_sec == 4 || (tv.tv_sec == 5 && tv.tv_usec == 0));
}

static volatile sig_atomic_t count;

static void counter(int sig)
{
	count++;
	(void)sig;
}

UTEST(poll_signal, "6.6", 3, "a handler ends poll with EINTR; ppoll changes the mask only while it waits")
{
	struct timespec ts = { 3, 0 };
	sigset_t usr1, none;
	struct pollfd fd;
	pid_t pid, me = getpid();

	UT_EQ(pipe(p), 0);
	fd = (struct pollfd){ .fd = p[0], .events = POLLIN };
	handle(SIGUSR1, counter, SA_RESTART);
	pid = fork();
	if (pid == 0) {
		sleep_ms(50);
		kill(me, SIGUSR1);
		_exit(0);
	}
	UT_ERRNO(poll(&fd, 1, LIMIT_MS), EINTR);
	UT_EQ(count, 1);
	wait_limited(pid, 0);
	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	UT_EQ(sigprocmask(SIG_BLOCK, &usr1, NULL), 0);
	UT_EQ(raise(SIGUSR1), 0);
	UT_EQ(count, 1);
	UT_ERRNO(ppoll(&fd, 1, &ts, &none), EINTR);
	UT_EQ(count, 2);
	UT_EQ(raise(SIGUSR1), 0);
	UT_EQ(count, 2);
	ts.tv_sec = 0;
	UT_EQ(ppoll(&fd, 1, &ts, NULL), 0);
	UT_EQ(sigprocmask(SIG_UNBLOCK, &usr1, NULL), 0);
	UT_EQ(count, 3);
}

UTEST_MAIN(poll_ready, poll_wakes, poll_timeout, poll_signal)
