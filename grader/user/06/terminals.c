/* Exercises 6.4 (line discipline) and 6.5 (job control), on a pseudo-terminal. */
#include "posix.h"

static int master, slave;

static void type(const char *s)
{
	UT_EQ(write(master, s, strlen(s)), strlen(s));
}

/* Change the slave's settings. */
static void set(tcflag_t local_off, tcflag_t local_on)
{
	struct termios t;

	UT_EQ(tcgetattr(slave, &t), 0);
	t.c_lflag &= ~local_off;
	t.c_lflag |= local_on;
	UT_EQ(tcsetattr(slave, TCSANOW, &t), 0);
}

/* What a read of the slave gives, as a string; "(nothing)" if none comes. */
static const char *line(void)
{
	static char buf[4200];
	ssize_t n;

	if (!readable(slave, 1000))
		return "(nothing)";
	n = read(slave, buf, sizeof(buf) - 1);
	UT_ASSERT(n >= 0);
	buf[n] = '\0';
	return buf;
}

/* What has come out on the master. */
static const char *screen(void)
{
	static char buf[4096];
	size_t have = 0;

	while (have < sizeof(buf) - 1 && readable(master, have ? 50 : 1000)) {
		ssize_t n = read(master, buf + have, sizeof(buf) - 1 - have);

		if (n <= 0)
			break;
		have += n;
	}
	buf[have] = '\0';
	return buf;
}

/* ---- 6.4 ---- */

UTEST(tty_canonical, "6.4", 3, "a line can be read when Enter is pressed, not before; CR becomes newline")
{
	char buf[4];

	open_pty(&master, &slave);
	type("hello");
	UT_ASSERT(!readable(slave, 50));
	type(" world\r");
	UT_STREQ(line(), "hello world\n");
	type("one\ntwo\n");
	UT_STREQ(line(), "one\n");
	UT_ASSERT(readable(slave, 1000));
	UT_EQ(read(slave, buf, 2), 2);
	UT_ASSERT(buf[0] == 't' && buf[1] == 'w');
	UT_STREQ(line(), "o\n");
	UT_ASSERT(!readable(slave, 0));
}

UTEST(tty_erase, "6.4", 2, "erase, word erase, kill and literal-next edit the line")
{
	open_pty(&master, &slave);
	type("abx\177c\n");
	UT_STREQ(line(), "abc\n");
	type("foo bar  \027baz\n");
	UT_STREQ(line(), "foo baz\n");
	type("forget this\025\177\177kept\n");
	UT_STREQ(line(), "kept\n");
	type("a\026\025b\026\177\n");
	UT_STREQ(line(), "a\025b\177\n");
}

UTEST(tty_eof, "6.4", 3, "EOF ends a read without being part of it; at the start of a line it is the end of file")
{
	char buf[8];

	open_pty(&master, &slave);
	type("part\004");
	UT_STREQ(line(), "part");
	type("\004");
	UT_ASSERT(readable(slave, 1000));
	UT_EQ(read(slave, buf, sizeof(buf)), 0);
	type("x\n");
	UT_STREQ(line(), "x\n");
}

static volatile sig_atomic_t got;

static void note(int sig)
{
	got = sig;
}

/* In a session of its own with the slave as terminal: ^C and ^\ come as signals. */
static void session_child(void)
{
	open_pty(&master, &slave);
	setsid();
	UT_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
	handle(SIGINT, note, 0);
	handle(SIGQUIT, note, 0);
	handle(SIGTSTP, note, 0);
	type("lost\003");
	UT_EQ(wait_for(&got), SIGINT);
	got = 0;
	type("\034");
	UT_EQ(wait_for(&got), SIGQUIT);
	got = 0;
	type("\032");
	UT_EQ(wait_for(&got), SIGTSTP);
	got = 0;
	type("ok\n");
	UT_STREQ(line(), "ok\n");
	set(ISIG, 0);
	type("\003\n");
	UT_STREQ(line(), "\003\n");
	UT_EQ(got, 0);
}

UTEST(tty_signals, "6.4", 3, "^C, ^\\ and ^Z become SIGINT, SIGQUIT and SIGTSTP and discard the line, unless ISIG is off")
{
	UT_EQ(in_child(session_child), 0);
}

UTEST(tty_echo, "6.4", 2, "what is typed is shown once, control characters as ^X, erased ones rubbed out; not with ECHO off")
{
	open_pty(&master, &slave);
	type("ab\n");
	UT_STREQ(screen(), "ab\r\n");
	type("c\001\177\177d\n");
	UT_STREQ(screen(), "c^A\b \b\b \b\b \bd\r\n");
	set(ECHO, 0);
	type("secret\n");
	UT_EQ(write(slave, "x\ny", 3), 3);
	UT_STREQ(screen(), "x\r\ny");
}

UTEST(tty_raw, "6.4", 2, "without ICANON each character is there at once; VMIN and VTIME say when a read returns")
{
	struct termios t;
	char buf[8];
	pid_t reader;
	long start;

	open_pty(&master, &slave);
	UT_EQ(tcgetattr(slave, &t), 0);
	cfmakeraw(&t);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 1;
	UT_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	type("\003\r\177");
	UT_STREQ(line(), "\003\r\177");
	start = now_ms();
	UT_EQ(read(slave, buf, 8), 0);
	UT_ASSERT(now_ms() - start >= 80);
	t.c_cc[VMIN] = 3;
	t.c_cc[VTIME] = 0;
	UT_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	type("ab");
	UT_ASSERT(!readable(slave, 50));
	type("c");
	UT_STREQ(line(), "abc");
	t.c_cc[VMIN] = 1;
	UT_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	reader = fork();
	if (reader == 0)
		_exit(read(slave, buf, 8) == 1 && buf[0] == 'z' ? 0 : 2);
	sleep_ms(50);
	type("z");
	UT_EQ(wait_limited(reader, 0), 0);
}

/* What a write of one byte gives, as soon as it is that; -1 with EAGAIN while output is stopped. */
static ssize_t write_until(ssize_t want)
{
	ssize_t n = 0;

	for (int i = 0; i < 100; i++) {
		n = write(slave, "x", 1);
		if (n == want)
			break;
		sleep_ms(5);
	}
	return n;
}

UTEST(tty_flow, "6.4", 1, "^S stops output until ^Q, or with IXANY until any character; VEOL ends a line")
{
	struct termios t;

	open_pty(&master, &slave);
	UT_EQ(fcntl(slave, F_SETFL, O_NONBLOCK), 0);
	UT_EQ(write_until(1), 1);
	type("\023");
	UT_EQ(write_until(-1), -1);
	UT_EQ(errno, EAGAIN);
	type("\021");
	UT_EQ(write_until(1), 1);
	UT_EQ(tcgetattr(slave, &t), 0);
	t.c_iflag |= IXANY;
	t.c_cc[VEOL] = ';';
	UT_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	type("\023");
	UT_EQ(write_until(-1), -1);
	type("a");
	UT_EQ(write_until(1), 1);
	type("b;");
	UT_STREQ(line(), "ab;");
}

/* ---- 6.5 ---- */

static void setpgid_child(void)
{
	pid_t a, b, stranger;
	int hold[2], ready[2];
	char c;

	UT_EQ(setpgid(0, 0), 0);
	UT_EQ(getpgrp(), getpid());
	UT_EQ(pipe(hold), 0);
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			close(hold[1]);
			_exit(read(hold[0], &c, 1) == 0 ? 0 : 2);
		}
		*(i ? &b : &a) = pid;
	}
	UT_EQ(pipe(ready), 0);
	stranger = fork();
	if (stranger == 0) {		/* in a session of its own */
		close(hold[1]);
		_exit(setsid() > 0 && write(ready[1], "x", 1) == 1 &&
		      read(hold[0], &c, 1) == 0 ? 0 : 2);
	}
	UT_EQ(read(ready[0], &c, 1), 1);
	UT_EQ(setpgid(a, a), 0);
	UT_EQ(getpgid(a), a);
	UT_EQ(setpgid(b, a), 0);
	UT_EQ(getpgid(b), a);
	UT_EQ(setpgid(b, getpgrp()), 0);
	UT_EQ(getpgid(b), getpid());
	UT_ERRNO(setpgid(b, b + 4000), EPERM);
	UT_ERRNO(setpgid(b, stranger), EPERM);
	UT_ERRNO(setpgid(stranger, getpgrp()), EPERM);
	UT_ERRNO(setpgid(0, -1), EINVAL);
	UT_ERRNO(setpgid(getppid(), getpgrp()), ESRCH);
	UT_ERRNO(getpgid(a + 9000), ESRCH);
	UT_EQ(kill(-a, SIGTERM), 0);
	UT_EQ(wait_limited(a, 0), SIGTERM);
	UT_ERRNO(kill(-a, 0), ESRCH);
	close(hold[1]);
	UT_EQ(wait_limited(b, 0), 0);
	UT_EQ(wait_limited(stranger, 0), 0);
}

UTEST(setpgid_rules, "6.5", 4, "setpgid makes and joins groups of the same session, and refuses everything else")
{
	UT_EQ(in_child(setpgid_child), 0);
}

static void exec_child(void)
{
	char *const argv[] = { "sleep", "20", NULL };
	int end[2], go[2];
	pid_t pid;
	char c;

	UT_EQ(pipe2(end, O_CLOEXEC), 0);
	UT_EQ(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		if (read(go[0], &c, 1) != 1)
			_exit(3);
		execv("/bin/busybox", argv);
		_exit(2);
	}
	UT_EQ(setpgid(pid, pid), 0);			/* as shells do it */
	UT_EQ(setpgid(pid, getpgrp()), 0);
	close(end[1]);
	UT_EQ(write(go[1], "x", 1), 1);
	UT_EQ(read(end[0], &c, 1), 0);			/* the end of the file: it did exec */
	UT_ERRNO(setpgid(pid, pid), EACCES);
	kill(pid, SIGKILL);
	wait_limited(pid, 0);
}

UTEST(setpgid_exec, "6.5", 1, "a child is moved only before its exec: EACCES afterwards")
{
	UT_EQ(in_child(exec_child), 0);
}

static void setsid_child(void)
{
	pid_t child;
	int go[2];
	char c;

	UT_EQ(pipe(go), 0);
	UT_EQ(setsid(), getpid());
	UT_EQ(getsid(0), getpid());
	UT_EQ(getpgrp(), getpid());
	UT_ERRNO(setsid(), EPERM);
	UT_ERRNO(setpgid(0, 0), EPERM);
	child = fork();
	if (child == 0) {
		UT_EQ(getsid(0), getppid());
		UT_EQ(setpgid(0, 0), 0);
		UT_ERRNO(setsid(), EPERM);
		UT_EQ(write(go[1], "x", 1), 1);
		sleep_ms(50);
		_exit(0);
	}
	UT_EQ(read(go[0], &c, 1), 1);
	UT_EQ(getpgid(child), child);
	UT_EQ(getsid(child), getpid());
	UT_EQ(wait_limited(child, 0), 0);
}

UTEST(setsid_rules, "6.5", 4, "setsid begins a session with one group, once; a group leader may not")
{
	UT_EQ(in_child(setsid_child), 0);
}

static void background_child(void)
{
	pid_t job;
	int status;

	open_pty(&master, &slave);
	UT_EQ(setsid(), getpid());
	UT_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
	UT_EQ(tcgetpgrp(slave), getpgrp());
	type("line\n");
	job = fork();
	if (job == 0) {
		char buf[16];

		setpgid(0, 0);
		_exit(read(slave, buf, sizeof(buf)) == 5 ? 5 : 6);
	}
	setpgid(job, job);
	status = wait_limited(job, WUNTRACED);
	UT_ASSERT(status != -1 && WIFSTOPPED(status));
	UT_EQ(WSTOPSIG(status), SIGTTIN);
	/* fg */
	UT_EQ(tcsetpgrp(slave, job), 0);
	UT_EQ(tcgetpgrp(slave), job);
	UT_EQ(kill(-job, SIGCONT), 0);
	status = wait_limited(job, 0);
	UT_ASSERT(WIFEXITED(status));
	UT_EQ(WEXITSTATUS(status), 5);
	/* The shell takes the terminal back from the background, with SIGTTOU blocked as shells do.
	 */
	signal(SIGTTOU, SIG_IGN);
	UT_EQ(tcsetpgrp(slave, getpgrp()), 0);
	UT_ERRNO(tcsetpgrp(slave, getppid() + 7000), ESRCH);
	/* A background job that writes is stopped only with TOSTOP. */
	signal(SIGTTOU, SIG_DFL);
	job = fork();
	if (job == 0) {
		setpgid(0, 0);
		_exit(write(slave, "x", 1) == 1 ? 7 : 8);
	}
	status = wait_limited(job, WUNTRACED);
	UT_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	set(0, TOSTOP);
	job = fork();
	if (job == 0) {
		setpgid(0, 0);
		_exit(write(slave, "x", 1) == 1 ? 7 : 8);
	}
	status = wait_limited(job, WUNTRACED);
	UT_ASSERT(status != -1 && WIFSTOPPED(status));
	UT_EQ(WSTOPSIG(status), SIGTTOU);
	kill(job, SIGKILL);
	wait_limited(job, 0);
}

UTEST(tty_background, "6.5", 4, "a background job that reads is stopped with SIGTTIN, goes on after fg, and writes unless TOSTOP")
{
	UT_EQ(in_child(background_child), 0);
}

/* A read in the background that cannot stop: 'e' to the pipe if it is EIO, else 'n'. */
static void read_in_background(int report)
{
	char c;

	c = read(slave, &c, 1) == -1 && errno == EIO ? 'e' : 'n';
	_exit(write(report, &c, 1) == 1 ? 0 : 2);
}

static void unstoppable_child(void)
{
	int report[2];
	pid_t job;
	char c = 0;

	open_pty(&master, &slave);
	UT_EQ(setsid(), getpid());
	UT_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
	UT_EQ(pipe(report), 0);
	type("line\n");
	job = fork();
	if (job == 0) {
		setpgid(0, 0);
		signal(SIGTTIN, SIG_IGN);
		read_in_background(report[1]);
	}
	UT_EQ(wait_limited(job, 0), 0);
	UT_EQ(read(report[0], &c, 1), 1);
	UT_MSG(c == 'e', "with SIGTTIN ignored a read in the background should be EIO");
	job = fork();
	if (job == 0) {
		pid_t parent = getpid();

		setpgid(0, 0);
		if (fork() == 0) {
			while (getppid() == parent)
				sleep_ms(5);
			read_in_background(report[1]);
		}
		_exit(0);
	}
	UT_EQ(wait_limited(job, 0), 0);
	UT_MSG(readable(report[0], 1000),
	       "a read by an orphaned background process does not return");
	UT_EQ(read(report[0], &c, 1), 1);
	UT_MSG(c == 'e', "a read by an orphaned background process should be EIO");
}

UTEST(tty_unstoppable, "6.5", 1, "who ignores SIGTTIN, or has nobody to continue him, gets EIO for a read in the background")
{
	UT_EQ(in_child(unstoppable_child), 0);
}

/* 0, or which step failed. */
static int master_controls(void)
{
	char got;
	int other;

	if (setsid() < 0)
		return 2;
	if (open("/dev/tty", O_RDWR) >= 0 || errno != ENXIO)
		return 3;
	if (ioctl(master, TIOCSCTTY, 0) < 0)
		return 4;
	other = open("/dev/tty", O_RDWR);
	if (other < 0 || tcgetpgrp(other) != getpid() || tcgetsid(other) != getpid())
		return 5;
	if (write(other, "x", 1) != 1 || read(master, &got, 1) != 1)
		return 6;
	return 0;
}

UTEST(tty_master_controlling, "6.0", 0, "TIOCSCTTY on the master gives the slave to the session")
{
	pid_t pid;

	open_pty(&master, &slave);
	pid = UT_OK(fork());
	if (pid == 0)
		_exit(master_controls());
	UT_EQ(wait_limited(pid, 0), 0);
}

UTEST_MAIN(tty_master_controlling, tty_canonical, tty_erase, tty_eof, tty_signals, tty_echo, tty_raw, tty_flow, setpgid_rules,
	   setpgid_exec, setsid_rules, tty_background, tty_unstoppable)
