/*
 * Running one boot: the child's two serial ports are pipes of ours, read as they come; every
 * way in which a wrong kernel can end, or not end, has a name (enum run_end).
 *
 * QEMU is told to stop when the machine resets or powers off (-no-reboot -no-shutdown), and says
 * on its monitor which of both it was; so a triple fault leaves a machine that can still be asked
 * where it happened. Several runs may go on at once, each in a thread of its own.
 */
#include "run.h"

#include "child_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct pipes {
	int console[2], ktap[2];	/* read end, write end */
	int monitor[2];			/* ours, QEMU's */
};

/* The child's descriptors have these numbers, which are below 10: a shell can name them. */
#define CHILD_MONITOR	3
#define CHILD_CONSOLE	4
#define CHILD_KTAP	5

static void replace_argument(char **arg, const char *word, const char *text)
{
	char *at = strstr(*arg, word);

	if (at) {
		char *new = xasprintf("%.*s%s%s", (int)(at - *arg), *arg, text, at + strlen(word));

		free(*arg);
		*arg = new;
	}
}

/* Give descriptors their numbers in the child; the originals are closed by exec. */
static void move_descriptors(const int from[], const int to[], int n)
{
	int high[4];

	for (int i = 0; i < n; i++)
		high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 10);
	for (int i = 0; i < n; i++)
		dup2(high[i], to[i]);
}

/* Before the fork: another thread may hold the allocator's lock then. */
static void name_descriptors(struct args *argv)
{
	for (int i = 0; i < argv->n; i++) {
		replace_argument(&argv->v[i], "%console", "/proc/self/fd/4");
		replace_argument(&argv->v[i], "%ktap", "/proc/self/fd/5");
		replace_argument(&argv->v[i], "%monitor", "3");
	}
}

static void child(struct run *r, const struct pipes *p)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(p->console[1], 1);
	dup2(p->console[1], 2);
	if (r->ktap_is_fd3) {
		move_descriptors(&p->ktap[1], (const int[]){ 3 }, 1);
		closefrom(4);
	} else {
		move_descriptors((const int[]){ p->monitor[1], p->console[1], p->ktap[1] },
				 (const int[]){ CHILD_MONITOR, CHILD_CONSOLE, CHILD_KTAP }, 3);
	}
	execvp(r->argv.v[0], r->argv.v);
	dprintf(2, "%s: %s\n", r->argv.v[0], strerror(errno));
	_exit(127);
}

/* Read what is there; false at the end of the pipe. */
static bool drain(int fd, char *buf, size_t size, ssize_t *n)
{
	*n = read(fd, buf, size);
	if (*n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	return *n > 0;
}

static bool is_blank(const struct run *r)
{
	for (int i = 0; r->stop_at_blank && i < r->stream->blanks.n; i++)
		if (strcmp(r->stream->blanks.v[i], r->stop_at_blank) == 0)
			return true;
	return false;
}

#define FLOOD (64U << 10) /* bytes on the console without a result, in a run that hangs */
#define FLOOD_AT_ONCE	(1U << 20)	/* the same, without waiting for the end of a hang */

/* When the stream last had something, on the child's clock, and how long the console was then. */
struct progress_mark {
	double time;
	size_t console;
};

/* A reason to kill the child now, if there is one. */
static bool must_stop(struct run *r, double t, const struct progress_mark *last)
{
	const char *shutdown = r->monitor.shutdown;

	if (r->stream->error)
		r->end = RUN_PROTOCOL;
	else if (is_blank(r))
		r->end = RUN_BLANK;
	else if (r->console.length > r->console_limit ||
		 r->console.length - last->console > FLOOD_AT_ONCE)
		r->end = RUN_FLOOD;
	else if (shutdown && strcmp(shutdown, "guest-reset") == 0)
		r->end = RUN_RESET;
	else if (!r->stream->header && t > r->boot_timeout)
		r->end = RUN_HANG_BOOT;
	else if (r->stream->header && t - last->time > r->test_timeout)
		r->end = r->console.length - last->console > FLOOD ? RUN_FLOOD : RUN_HANG_TEST;
	else if (t > r->total_timeout)
		r->end = RUN_TOO_LONG;
	else
		return false;
	return true;
}

/* Read the serial ports once; true if there was something on the second one. */
static bool take_ports(struct run *r, struct pollfd fds[2])
{
	char buf[65536];
	ssize_t n;

	r->console_mark = r->console.length;
	if (fds[0].fd >= 0) {
		if (!drain(fds[0].fd, buf, sizeof(buf), &n))
			fds[0].fd = -1;
		else if (n > 0)
			text_add(&r->console, buf, (size_t)n);
	}
	if (fds[1].fd >= 0) {
		if (!drain(fds[1].fd, buf, sizeof(buf), &n))
			fds[1].fd = -1;
		else if (n > 0)
			stream_feed(r->stream, buf, (size_t)n);
		return n > 0;
	}
	return false;
}

/* The machine switched itself off: QEMU has stopped it and may now end. */
static void take_monitor(struct run *r, bool *quit)
{
	monitor_take(&r->monitor);
	if (r->monitor.shutdown && strcmp(r->monitor.shutdown, "guest-shutdown") == 0 && !*quit) {
		monitor_quit(&r->monitor);
		*quit = true;
	}
}

/* Serve the pipes until both are closed (true) or the child must be stopped (false). */
static bool serve(struct run *r, const struct pipes *p, pid_t pid)
{
	struct pollfd fds[3] = { { p->console[0], POLLIN, 0 }, { p->ktap[0], POLLIN, 0 } };
	struct progress_mark last = { 0 };
	struct child_clock clock;
	bool quit = false;

	child_clock_start(&clock, pid);
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (must_stop(r, child_clock_read(&clock), &last)) {
			take_ports(r, fds);	/* what came before the reset */
			return false;
		}
		fds[2] = (struct pollfd){ r->monitor.fd, POLLIN, 0 };
		if (poll(fds, 3, 100) <= 0)
			continue;
		if (take_ports(r, fds))
			last = (struct progress_mark){ child_clock_read(&clock),
						       r->console.length };
		take_monitor(r, &quit);
	}
	return !must_stop(r, child_clock_read(&clock), &last);
}

static void reap(struct run *r, pid_t pid, bool stopped)
{
	double deadline = now() + 5;
	int status;

	if (stopped)
		kill(-pid, SIGKILL);
	/* Both pipes closed, but it does not end: so be it. */
	while (waitpid(pid, &status, stopped ? 0 : WNOHANG) != pid) {
		if (!stopped && now() > deadline) {
			kill(-pid, SIGKILL);
			deadline = 1e18;
		}
		usleep(2000);
	}
	kill(-pid, SIGKILL);	/* what a host test program left behind */
	if (stopped)
		return;
	r->end = WIFEXITED(status) ? RUN_EXITED : RUN_SIGNAL;
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	if (r->end == RUN_EXITED && r->status == 0 && r->monitor.shutdown)
		r->end = RUN_POWEROFF;
}

static void open_pipes(struct pipes *p)
{
	if (pipe2(p->console, O_CLOEXEC) != 0 || pipe2(p->ktap, O_CLOEXEC) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->monitor) != 0)
		die("pipe: %s", strerror(errno));
	fcntl(p->console[0], F_SETFL, O_NONBLOCK);
	fcntl(p->ktap[0], F_SETFL, O_NONBLOCK);
}

void run(struct run *r)
{
	struct pipes p;
	double start = now();
	bool stopped;
	pid_t pid;

	open_pipes(&p);
	name_descriptors(&r->argv);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0)
		child(r, &p);
	setpgid(pid, pid);
	close(p.console[1]);
	close(p.ktap[1]);
	close(p.monitor[1]);
	monitor_open(&r->monitor, p.monitor[0]);
	stopped = !serve(r, &p, pid);
	if (stopped && r->stuck && r->end != RUN_PROTOCOL && r->end != RUN_BLANK)
		r->stuck(r->stuck_arg, &r->monitor);
	reap(r, pid, stopped);
	close(p.console[0]);
	close(p.ktap[0]);
	monitor_close(&r->monitor);
	r->seconds = now() - start;
	if (r->console_file && r->console.s)
		write_file(r->console_file, r->console.s, r->console.length);
}

void run_free(struct run *r)
{
	args_free(&r->argv);
	text_free(&r->console);
	free(r->monitor.shutdown);
	free(r->monitor.answer);
}

/* ---- the verdict --------------------------------------------------------------------------- */

/* The console's line with the reason of a panic, for the message; "" if there is none. */
static char *panic_line(const struct run *r)
{
	const char *at = r->console.s ? strstr(r->console.s, "panic on CPU") : NULL;
	const char *start;

	if (!at && r->console.s)
		at = strcasestr(r->console.s, "panic");
	start = at;
	if (!at)
		return xstrdup("");
	while (start > r->console.s && start[-1] != '\n')
		start--;
	if (strncmp(start, "panic on", 8) == 0)
		return xasprintf(" %.*s", (int)strcspn(start + 6, "\r\n"), start + 6);
	return xasprintf(" (%.*s)", (int)strcspn(start, "\r\n"), start);
}

/*
 * A line of the console that looks like a test's result, or NULL: results come on the second port
 * only, so a kernel that prints such lines says itself that it passed.
 */
static const char *forged_line(const struct run *r)
{
	static const char *const signs[] = { "ok 1", "not ok 1", "KTAP version", "1..", "PASS" };

	for (const char *p = r->console.s; p && *p;
	     p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
			if (strncmp(p, signs[i], strlen(signs[i])) == 0)
				return p;
	return NULL;
}

static char *early_end(const struct run *r, const char *how)
{
	const char *forged = forged_line(r);

	if (!forged)
		return xasprintf("the machine %s before all tests had run", how);
	return xasprintf("the kernel printed results by itself: \"%.*s\" on the console does not "
			 "count, and it %s before all tests had run",
			 (int)LEAST(strcspn(forged, "\r\n"), 60), forged, how);
}

static char *exit_verdict(const struct run *r, bool any_failed)
{
	bool complete = stream_complete(r->stream);
	char *line, *sentence;

	switch (r->status) {
	case EXIT_STATUS_SUCCESS:
		if (!complete)
			return early_end(r, "ended with success");
		if (any_failed)
			return xstrdup("the machine ended with success although a test failed");
		return NULL;
	case EXIT_STATUS_FAILURE:
		if (!complete)
			return early_end(r, "ended");
		if (!any_failed)
			return xstrdup("the machine ended with failure although no test failed");
		return NULL;
	case EXIT_STATUS_PANIC:
		line = panic_line(r);
		sentence = xasprintf("the kernel panicked%s", line);
		free(line);
		return sentence;
	case 0:
		return xstrdup("the machine rebooted or powered off");
	default:
		return xasprintf("QEMU ended with status %d: %.200s", r->status,
				 r->console.s ? r->console.s : "");
	}
}

/* QEMU tells a reset that an exception forced from one that the kernel asked for. */
static bool was_triple_fault(const struct run *r)
{
	char *log = r->qemu_file ? read_file(r->qemu_file, NULL) : NULL;
	bool found = log && strstr(log, "Triple fault");

	free(log);
	return found;
}

char *run_verdict(const struct run *r, bool any_failed)
{
	switch (r->end) {
	case RUN_EXITED:
		return exit_verdict(r, any_failed);
	case RUN_SIGNAL:
		return xasprintf("QEMU was killed by signal %d", r->status);
	case RUN_HANG_BOOT:
		return xasprintf("the kernel hung before the tests began (waited %.0f s)",
				 r->boot_timeout);
	case RUN_HANG_TEST:
		return xasprintf("the kernel hung (no progress for %.0f s)", r->test_timeout);
	case RUN_TOO_LONG:
		return xasprintf("the tests took more than %.0f s", r->total_timeout);
	case RUN_FLOOD:
		return xasprintf("the console was flooded: %zu KiB and no result",
				 r->console.length >> 10);
	case RUN_PROTOCOL:
		return xasprintf("the results are forged or damaged, %s", r->stream->error);
	case RUN_BLANK:
		return xasprintf("exercise %s is still blank", r->stop_at_blank);
	case RUN_RESET:
		return xstrdup(was_triple_fault(r) ?
			       "the machine rebooted: a triple fault (an exception came, and its "
			       "handler could not run)" :
			       "the machine rebooted: it was told to (by machine_reset(), or by "
			       "writing to port 0x64 or 0xcf9)");
	case RUN_POWEROFF:
		return early_end(r, "powered itself off");
	}
	return NULL;
}

static enum symptom exit_symptom(const struct run *r)
{
	switch (r->status) {
	case EXIT_STATUS_SUCCESS:
	case EXIT_STATUS_FAILURE:
		return forged_line(r) ? SYMPTOM_FORGED : SYMPTOM_ENDED;
	case EXIT_STATUS_PANIC:
		return SYMPTOM_PANIC;
	case 0:
		return SYMPTOM_RESET;
	default:
		return SYMPTOM_QEMU;
	}
}

enum symptom run_symptom(const struct run *r)
{
	switch (r->end) {
	case RUN_EXITED:
		return exit_symptom(r);
	case RUN_HANG_BOOT:
	case RUN_HANG_TEST:
	case RUN_TOO_LONG:
		return SYMPTOM_HANG;
	case RUN_FLOOD:
		return SYMPTOM_FLOOD;
	case RUN_PROTOCOL:
		return SYMPTOM_FORGED;
	case RUN_BLANK:
		return SYMPTOM_BLANK;
	case RUN_RESET:
		return was_triple_fault(r) ? SYMPTOM_RESET : SYMPTOM_POWEROFF;
	case RUN_POWEROFF:
		return forged_line(r) ? SYMPTOM_FORGED : SYMPTOM_POWEROFF;
	case RUN_SIGNAL:
		break;
	}
	return SYMPTOM_QEMU;
}
