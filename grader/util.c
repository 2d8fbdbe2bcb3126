/*
 * Small things: strings that grow, files, wildcards, child processes.
 */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void die(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("grade: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

/* ---- strings ---- */

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		die("out of memory");
	return p;
}

char *xstrndup(const char *s, size_t n)
{
	char *copy = xrealloc(NULL, n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

static char *format(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		die("out of memory");
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	return s;
}

void text_add(struct text *t, const char *s, size_t n)
{
	t->s = xrealloc(t->s, t->length + n + 1);
	memcpy(t->s + t->length, s, n);
	t->length += n;
	t->s[t->length] = '\0';
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	text_add(t, s, strlen(s));
	free(s);
}

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

void args_add(struct args *a, const char *s)
{
	a->v = xrealloc(a->v, (size_t)(a->n + 2) * sizeof(*a->v));
	a->v[a->n++] = xstrdup(s);
	a->v[a->n] = NULL;
}

void args_printf(struct args *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	args_add(a, s);
	free(s);
}

void args_split(struct args *a, const char *s)
{
	for (;;) {
		size_t n;

		s += strspn(s, " \t\n");
		n = strcspn(s, " \t\n");
		if (!n)
			return;
		args_printf(a, "%.*s", (int)n, s);
		s += n;
	}
}

void args_free(struct args *a)
{
	for (int i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	*a = (struct args){ 0 };
}

bool glob_match(const char *pattern, const char *text)
{
	for (; *pattern; pattern++, text++) {
		if (*pattern == '*') {
			for (;; text++) {
				if (glob_match(pattern + 1, text))
					return true;
				if (!*text)
					return false;
			}
		}
		if (!*text || (*pattern != '?' && *pattern != *text))
			return false;
	}
	return !*text;
}

bool list_match(const char *list, const char *text)
{
	if (!list || !*list)
		return true;
	while (*list) {
		size_t n = strcspn(list, ", ");
		char *pattern = xstrndup(list, n);
		bool match = glob_match(pattern, text);

		free(pattern);
		if (match)
			return true;
		list += n;
		list += strspn(list, ", ");
	}
	return false;
}

/* ---- files ---- */

char *read_file(const char *path, size_t *length)
{
	FILE *f = fopen(path, "re");
	struct text t = { 0 };
	char chunk[65536];
	size_t n;

	if (!f)
		return NULL;
	text_add(&t, "", 0);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		text_add(&t, chunk, n);
	fclose(f);
	if (length)
		*length = t.length;
	return t.s;
}

bool write_file(const char *path, const char *s, size_t n)
{
	FILE *f = fopen(path, "we");
	bool ok = f && fwrite(s, 1, n, f) == n;

	if (f && fclose(f) != 0)
		ok = false;
	return ok;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

void make_directories(const char *path)
{
	char *copy = xstrdup(path);

	for (char *p = copy + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(copy, 0777);
			*p = '/';
		}
	if (mkdir(copy, 0777) != 0 && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
	free(copy);
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- processes ---- */

int run_program(char *const argv[], const char *output)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		int in = open("/dev/null", O_RDONLY);

		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(in, 0);
		if (output) {
			int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666);

			dup2(out, 1);
			dup2(out, 2);
		}
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
