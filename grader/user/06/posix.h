/*
 * What the tests of lab 06 share: waiting with a limit, so that a blank costs a second and not the
 * whole run.
 */
#pragma once

#define _GNU_SOURCE 1
#include "ktap_user.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>

#define LIMIT_MS	3000

static inline void sleep_ms(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) != 0 && errno == EINTR)
		;
}

static inline long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * waitpid() that gives up: the status, or -1 after killing the child. Status 1 means that an
 * assertion failed in the child, which has said so; then this process ends, too.
 */
static inline int wait_limited(pid_t pid, int options)
{
	int status;

	for (int i = 0; i < LIMIT_MS / 5; i++) {
		pid_t got = waitpid(pid, &status, options | WNOHANG);

		if (got == pid && status == 0x100)
			_exit(1);
		if (got == pid)
			return status;
		if (got < 0)
			return -1;
		sleep_ms(5);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

/* Poll until *flag or the limit. */
static inline int wait_for(volatile sig_atomic_t *flag)
{
	for (int i = 0; i < LIMIT_MS / 5 && !*flag; i++)
		sleep_ms(5);
	return *flag;
}

static inline void handle(int sig, void (*fn)(int), int flags)
{
	struct sigaction act = { .sa_handler = fn, .sa_flags = flags };

	UT_EQ(sigaction(sig, &act, NULL), 0);
}

/* Run fn in a child; its wait status, -1 if it had to be killed. */
static inline int in_child(void (*fn)(void))
{
	pid_t pid = fork();

	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		fn();
		_exit(0);
	}
	return wait_limited(pid, 0);
}

/* A pseudo-terminal: master and slave. As init of an empty system there is no /dev yet. */
static inline void open_pty(int *master, int *slave)
{
	int unlock = 0;

	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (*master < 0) {
		mkdir("/dev", 0755);
		mount("none", "/dev", "devtmpfs", 0, NULL);
		mkdir("/dev/pts", 0755);
		mount("none", "/dev/pts", "devpts", 0, NULL);
		*master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	}
	UT_ASSERT(*master >= 0);
	UT_EQ(ioctl(*master, TIOCSPTLCK, &unlock), 0);
	*slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	UT_ASSERT(*slave >= 0);
}

/* Is there something to read within ms milliseconds? */
static inline int readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && p.revents & POLLIN;
}
