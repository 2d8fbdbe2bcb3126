/*
 * epoll where two look at one instance, or one event has several instances to go to. (epoll(7),
 * epoll_ctl(2), epoll_wait(2).)
 */
#include "posix.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static void watch(int ep, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	UT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), 0);
}

/* With one CPU only, the two take turns. */
static void on_cpu(int n)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(n, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

UTEST(epoll_shared, "6.0", 0, "while one process looks what is ready, another does not find nothing")
{
	int ep = UT_OK(epoll_create1(0)), fd = UT_OK(eventfd(1, 0)), missed = 0;
	struct epoll_event got;
	pid_t child;

	watch(ep, fd, EPOLLIN);		/* level-triggered, and nobody reads: always ready */
	on_cpu(0);
	child = UT_OK(fork());
	if (child == 0) {
		struct pollfd p = { .fd = ep, .events = POLLIN };

		on_cpu(1);
		for (;;)
			if (poll(&p, 1, 0) != 1 || epoll_wait(ep, &got, 1, 0) != 1)
				_exit(2);
	}
	for (long end = now_ms() + 500; now_ms() < end && !missed;)
		for (int i = 0; i < 100; i++)
			missed += epoll_wait(ep, &got, 1, 0) != 1;
	UT_EQ(missed, 0);
	UT_EQ(waitpid(child, NULL, WNOHANG), 0);
	UT_EQ(kill(child, SIGKILL), 0);
	UT_EQ(waitpid(child, NULL, 0), child);
}

UTEST(epoll_fault, "6.0", 0, "an event that could not be stored is told again, also a one-shot one")
{
	static const uint32_t modes[] = { 0, EPOLLET, EPOLLONESHOT };
	struct epoll_event got;

	for (int i = 0; i < 3; i++) {
		int ep = UT_OK(epoll_create1(0)), fd = UT_OK(eventfd(1, 0));

		watch(ep, fd, EPOLLIN | modes[i]);
		UT_ERRNO(syscall(SYS_epoll_wait, ep, (void *)8, 1, 0), EFAULT);
		UT_EQ(epoll_wait(ep, &got, 1, 0), 1);
		UT_EQ(got.data.fd, fd);
		UT_EQ(epoll_wait(ep, &got, 1, 0), i == 0);
		close(fd);
		close(ep);
	}
}

UTEST(epoll_exclusive, "6.0", 0, "with EPOLLEXCLUSIVE an event goes on to the instance in which somebody waits")
{
	int fd = UT_OK(eventfd(0, 0)), ep[3], ready[2];
	struct epoll_event got;
	pid_t child;
	char c;

	UT_EQ(pipe(ready), 0);
	for (int i = 0; i < 3; i++) {
		ep[i] = UT_OK(epoll_create1(0));
		watch(ep[i], fd, EPOLLIN | EPOLLEXCLUSIVE);
	}
	child = UT_OK(fork());
	if (child == 0) {
		UT_EQ(write(ready[1], "r", 1), 1);
		_exit(epoll_wait(ep[1], &got, 1, LIMIT_MS) == 1 ? 0 : 2);
	}
	UT_EQ(read(ready[0], &c, 1), 1);
	sleep_ms(50);
	UT_EQ(eventfd_write(fd, 1), 0);
	UT_EQ(wait_limited(child, 0), 0);
}

UTEST_MAIN(epoll_shared, epoll_fault, epoll_exclusive)
