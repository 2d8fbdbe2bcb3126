/*
 * Running one boot: the child's two serial ports are pipes of ours, read as they come; every
 * way in which a wrong kernel can end, or not end, has a name (enum run_end).
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct pipes {
	int console[2], ktap[2];	/* read end, write end */
};

static void replace_argument(char **arg, const char *word, int fd)
{
	char *at = strstr(*arg, word);

	if (at) {
		char *new = xasprintf("%.*s/proc/self/fd/%d%s", (int)(at - *arg), *arg, fd,
				      at + strlen(word));

		free(*arg);
		*arg = new;
	}
}

static void child(struct run *r, const struct pipes *p)
{
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(p->console[1], 1);
	dup2(p->console[1], 2);
	if (r->ktap_is_fd3) {
		dup2(p->ktap[1], 3);
		closefrom(4);
	} else {
		for (char **a = r->argv.v; *a; a++) {
			replace_argument(a, "%console", p->console[1]);
			replace_argument(a, "%ktap", p->ktap[1]);
		}
		close(p->console[0]);
		close(p->ktap[0]);
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

/* A reason to kill the child now, if there is one. */
static bool must_stop(struct run *r, double start, double last)
{
	double t = now();

	if (r->stream->error)
		r->end = RUN_PROTOCOL;
	else if (is_blank(r))
		r->end = RUN_BLANK;
	else if (r->console.length > r->console_limit)
		r->end = RUN_FLOOD;
	else if (!r->stream->header && t - start > r->boot_timeout)
		r->end = RUN_HANG_BOOT;
	else if (r->stream->header && t - last > r->test_timeout)
		r->end = RUN_HANG_TEST;
	else if (t - start > r->total_timeout)
		r->end = RUN_TOO_LONG;
	else
		return false;
	return true;
}

/* Serve the pipes until both are closed (true) or the child must be stopped (false). */
static bool serve(struct run *r, struct pipes *p, double start)
{
	struct pollfd fds[2] = { { p->console[0], POLLIN, 0 }, { p->ktap[0], POLLIN, 0 } };
	double last = start;
	char buf[65536];
	ssize_t n;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (must_stop(r, start, last))
			return false;
		if (poll(fds, 2, 100) <= 0)
			continue;
		if (fds[0].revents) {
			if (!drain(fds[0].fd, buf, sizeof(buf), &n))
				fds[0].fd = -1;
			else if (n > 0)
				text_add(&r->console, buf, (size_t)n);
		}
		if (fds[1].revents) {
			if (!drain(fds[1].fd, buf, sizeof(buf), &n))
				fds[1].fd = -1;
			else if (n > 0) {
				stream_feed(r->stream, buf, (size_t)n);
				last = now();
			}
		}
	}
	return !must_stop(r, start, last);
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
}

void run(struct run *r)
{
	struct pipes p;
	double start = now();
	bool stopped;
	pid_t pid;

	if (pipe(p.console) != 0 || pipe(p.ktap) != 0)
		die("pipe: %s", strerror(errno));
	fcntl(p.console[0], F_SETFL, O_NONBLOCK);
	fcntl(p.ktap[0], F_SETFL, O_NONBLOCK);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0)
		child(r, &p);
	setpgid(pid, pid);
	close(p.console[1]);
	close(p.ktap[1]);
	stopped = !serve(r, &p, start);
	reap(r, pid, stopped);
	close(p.console[0]);
	close(p.ktap[0]);
	r->seconds = now() - start;
	if (r->console_file && r->console.s)
		write_file(r->console_file, r->console.s, r->console.length);
}

void run_free(struct run *r)
{
	args_free(&r->argv);
	text_free(&r->console);
}

/* ---- the verdict --------------------------------------------------------------------------- */

/* The console's line with the reason of a panic, for the message; "" if there is none. */
static char *panic_line(const struct run *r)
{
	const char *at = r->console.s ? strcasestr(r->console.s, "panic") : NULL;
	const char *start = at;

	if (!at)
		return xstrdup("");
	while (start > r->console.s && start[-1] != '\n')
		start--;
	return xasprintf(" (%.*s)", (int)strcspn(start, "\r\n"), start);
}

static char *exit_verdict(const struct run *r, bool any_failed)
{
	bool complete = stream_complete(r->stream);
	char *line, *sentence;

	switch (r->status) {
	case EXIT_STATUS_SUCCESS:
		if (!complete)
			return xstrdup("the machine ended with success before all tests had run");
		if (any_failed)
			return xstrdup("the machine ended with success although a test failed");
		return NULL;
	case EXIT_STATUS_FAILURE:
		if (!complete)
			return xstrdup("the machine ended before all tests had run");
		if (!any_failed)
			return xstrdup("the machine ended with failure although no test failed");
		return NULL;
	case EXIT_STATUS_PANIC:
		line = panic_line(r);
		sentence = xasprintf("the kernel panicked%s", line);
		free(line);
		return sentence;
	case 0:
		return xstrdup("the machine rebooted or powered off (a triple fault: an exception "
			       "whose handler could not run)");
	default:
		return xasprintf("QEMU ended with status %d: %.200s", r->status,
				 r->console.s ? r->console.s : "");
	}
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
		return xasprintf("the console was flooded with more than %zu MiB",
				 r->console_limit >> 20);
	case RUN_PROTOCOL:
		return xasprintf("the test stream is broken, %s", r->stream->error);
	case RUN_BLANK:
		return xasprintf("exercise %s is still blank", r->stop_at_blank);
	}
	return NULL;
}
