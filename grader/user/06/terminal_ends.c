/*
 * Both ends of a pseudo-terminal: what a slow reader, the end of a session and the end of the master
 * mean. No points.
 */
#include "posix.h"

#include <sys/wait.h>

static int master, slave;

static void type(const char *s, size_t n)
{
	UT_EQ(write(master, s, n), n);
}

static void local_flags(tcflag_t off)
{
	struct termios t;

	UT_EQ(tcgetattr(slave, &t), 0);
	t.c_lflag &= ~off;
	UT_EQ(tcsetattr(slave, TCSANOW, &t), 0);
}

/* ---- lines that nobody reads yet ---- */

#define LINES	1000
#define WIDTH	20

UTEST(tty_slow_reader, "6.0", 0, "whole lines wait until the reader has room for them, none is lost")
{
	char text[WIDTH + 1], got[WIDTH + 1];
	pid_t pid;

	open_pty(&master, &slave);
	local_flags(ECHO);
	pid = fork();
	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		for (int i = 0; i < LINES; i++) {
			snprintf(text, sizeof(text), "%0*d\n", WIDTH - 1, i);
			type(text, WIDTH);
		}
		_exit(0);
	}
	sleep_ms(100);
	for (int i = 0; i < LINES; i++) {
		snprintf(text, sizeof(text), "%0*d\n", WIDTH - 1, i);
		UT_ASSERT(readable(slave, 1000));
		UT_EQ(read(slave, got, sizeof(got)), WIDTH);
		UT_ASSERT(memcmp(got, text, WIDTH) == 0);
	}
	UT_EQ(wait_limited(pid, 0), 0);
}

UTEST(tty_inside, "6.0", 0, "FIONREAD counts what reads will give: ends of file are none of it")
{
	int inside = -1;

	open_pty(&master, &slave);
	type("abc\004\004de", 7);
	UT_ASSERT(readable(slave, 1000));
	UT_EQ(ioctl(slave, FIONREAD, &inside), 0);
	UT_EQ(inside, 3);
	type("\n", 1);
	sleep_ms(50);
	UT_EQ(ioctl(slave, FIONREAD, &inside), 0);
	UT_EQ(inside, 6);
	UT_EQ(ioctl(master, TCFLSH, TCIOFLUSH), 0);
	UT_ERRNO(ioctl(master, TCFLSH, 7), EINVAL);
}

/* ---- a session ends ---- */

static volatile sig_atomic_t hups;

static void count_hup(int sig)
{
	(void)sig;
	hups++;
}

/* A child that leads a session with the slave as its terminal runs fn. */
static pid_t session(void (*fn)(void))
{
	pid_t pid = fork();

	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		UT_OK(setsid());
		UT_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
		fn();
		_exit(0);
	}
	return pid;
}

static void leave_writer(void)
{
	pid_t pid = fork();

	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		UT_EQ(setpgid(0, 0), 0);
		sleep_ms(200);
		if (write(slave, "later", 5) != 5)
			_exit(1);
		sleep_ms(100);
		_exit(0);
	}
	sleep_ms(50);
}

UTEST(tty_outlives_session, "6.0", 0, "a pseudo-terminal goes on after its session: who has it open may still write")
{
	char buf[8];

	open_pty(&master, &slave);
	UT_EQ(wait_limited(session(leave_writer), 0), 0);
	UT_ASSERT(readable(master, 1000));
	UT_EQ(read(master, buf, sizeof(buf)), 5);
}

static int told[2];

/* The leader hears of the hangup and lives on; its job in the foreground does not hear of it. */
static void leader_with_job(void)
{
	pid_t pid;
	char c = 'x';

	handle(SIGHUP, count_hup, 0);
	signal(SIGTTOU, SIG_IGN);
	close(master);
	pid = fork();
	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		UT_EQ(setpgid(0, 0), 0);
		UT_EQ(tcsetpgrp(slave, getpid()), 0);
		UT_EQ(write(told[1], &c, 1), 1);
		wait_for(&hups);
		UT_EQ(write(told[1], hups ? "h" : "-", 1), 1);
		_exit(0);
	}
	wait_for(&hups);
	UT_EQ(hups, 1);
	sleep_ms(100);
	UT_EQ(write(told[1], "l", 1), 1);
}

UTEST(tty_hangup_leader, "6.0", 0, "the master's end is SIGHUP for the session's leader; for the foreground when that has ended")
{
	char buf[4] = "";
	pid_t pid;

	open_pty(&master, &slave);
	UT_EQ(pipe(told), 0);
	pid = session(leader_with_job);
	UT_EQ(read(told[0], buf, 1), 1);
	close(master);
	UT_EQ(wait_limited(pid, 0), 0);
	UT_EQ(read(told[0], buf, 1), 1);
	UT_EQ(buf[0], 'l');
	UT_EQ(read(told[0], buf, 1), 1);
	UT_EQ(buf[0], 'h');
}

static void close_slave(void)
{
	char block[1000];

	memset(block, 'a', sizeof(block));
	close(slave);
	UT_EQ(write(master, block, sizeof(block)), sizeof(block));
}

UTEST(tty_write_closed, "6.0", 0, "what is written to a master whose slave is closed is taken")
{
	open_pty(&master, &slave);
	local_flags(ECHO);
	close_slave();
	UT_ERRNO(read(master, (char[4]){ 0 }, 4), EIO);
}

/* An orphan in the background: its parent, the leader, is in the same session, until it ends. */
static void orphan(void)
{
	int error;
	char c;

	signal(SIGHUP, SIG_IGN);
	if (fork() == 0) {
		setpgid(0, 0);
		if (fork() == 0) {
			sleep_ms(150);
			error = tcsetpgrp(slave, getpgrp()) ? errno : 0;
			c = error;
			UT_EQ(write(told[1], &c, 1), 1);
			_exit(0);
		}
		sleep_ms(50);
		_exit(0);
	}
	sleep_ms(400);
}

UTEST(tty_orphan_foreground, "6.0", 0, "tcsetpgrp from an orphaned group in the background: ENOTTY")
{
	char c = 0;

	open_pty(&master, &slave);
	UT_EQ(pipe(told), 0);
	UT_EQ(wait_limited(session(orphan), 0), 0);
	UT_EQ(read(told[0], &c, 1), 1);
	UT_EQ(c, ENOTTY);
}

static void write_only(void)
{
	char name[32];
	int n, fd;

	UT_EQ(ioctl(master, TIOCGPTN, &n), 0);
	snprintf(name, sizeof(name), "/dev/pts/%d", n);
	fd = open(name, O_WRONLY | O_NOCTTY);
	UT_ASSERT(fd >= 0);
	UT_OK(setsid());
	UT_OK(setresuid(65534, 65534, 65534));
	UT_ERRNO(ioctl(fd, TIOCSCTTY, 0), EPERM);
	UT_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
}

UTEST(tty_sctty_write_only, "6.0", 0, "who may only write a terminal does not get it as controlling terminal")
{
	open_pty(&master, &slave);
	UT_EQ(in_child(write_only), 0);
}

UTEST_MAIN(tty_slow_reader, tty_inside, tty_outlives_session, tty_hangup_leader, tty_write_closed,
	   tty_orphan_foreground, tty_sctty_write_only)
