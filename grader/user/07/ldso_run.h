/*
 * Running the programs of labs/07-dynlink/lib, which the labs' own dynamic linker links. On the
 * host the linker is run as a command; in Trellis it is the programs' interpreter.
 */
#pragma once

#include "ktap_user.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* Where the reference's are on the host, if the grader does not say. */
#define HOST_DIR	"build/07-dynlink/user"

struct run {
	int status;		/* as of waitpid() */
	char out[4096];		/* standard output and error */
};

static inline bool in_trellis(void)
{
	return access("/lib/ld-trellis.so", X_OK) == 0;
}

/* The directory of the programs. */
static inline const char *ldso_dir(void)
{
	const char *dir = getenv("TRELLIS_USER07");

	if (in_trellis())
		return "/lib/trellis";
	return dir ? dir : HOST_DIR;
}

static inline void ldso_exec(const char *program, const char *arg, const char *env)
{
	char linker[PATH_MAX], *envp[] = { (char *)env, NULL };
	const char *argv[] = { linker, program, arg, NULL };

	snprintf(linker, sizeof(linker), "%s/ld-trellis.so", ldso_dir());
	if (in_trellis())
		execve(program, (char *const *)argv + 1, envp);
	else
		execve(linker, (char *const *)argv, envp);
	_exit(126);
}

/*
 * Run a program (a path, or a name in the directory) with an argument and one variable of the
 * environment; both may be NULL.
 */
static inline void ldso_run(struct run *r, const char *name, const char *arg, const char *env)
{
	char program[PATH_MAX];
	size_t have = 0;
	ssize_t n;
	int fd[2];
	pid_t child;

	snprintf(program, sizeof(program), "%s%s%s", strchr(name, '/') ? "" : ldso_dir(),
		 strchr(name, '/') ? "" : "/", name);
	UT_OK(pipe(fd));
	child = (pid_t)UT_OK(fork());
	if (child == 0) {
		alarm(20);
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		ldso_exec(program, arg, env);
	}
	close(fd[1]);
	while (have + 1 < sizeof(r->out) &&
	       (n = read(fd[0], r->out + have, sizeof(r->out) - 1 - have)) > 0)
		have += (size_t)n;
	r->out[have] = '\0';
	close(fd[0]);
	UT_EQ(waitpid(child, &r->status, 0), child);
}

/* The run ended with this exit status, and its output contains this. */
static inline void ldso_expect(const struct run *r, const char *what, int status, const char *out)
{
	UT_MSG(WIFEXITED(r->status) && WEXITSTATUS(r->status) == status,
	       "%s: expected exit status %d, got %s %d; output: %.200s", what, status,
	       WIFSIGNALED(r->status) ? "signal" : "exit status",
	       WIFSIGNALED(r->status) ? WTERMSIG(r->status) : WEXITSTATUS(r->status), r->out);
	UT_MSG(strstr(r->out, out), "%.60s: expected \"%.120s\", got \"%.200s\"", what, out,
	       r->out);
}

/* `program what` says "what: ok". */
static inline void ldso_check(const char *program, const char *what, const char *env)
{
	char want[64], name[256];
	struct run r;

	snprintf(want, sizeof(want), "%s: ok\n", what);
	snprintf(name, sizeof(name), "%s %s (check_%s() in labs/07-dynlink/lib/%.*s.c)", program,
		 what, what, (int)strcspn(program, "-"), program);
	ldso_run(&r, program, what, env);
	ldso_expect(&r, name, 0, want);
}

/* The text behind `label` in the output up to the end of the line; "" if it is not there. */
static inline const char *ldso_line(const struct run *r, const char *label, char line[128])
{
	const char *at = strstr(r->out, label);

	line[0] = '\0';
	if (at)
		snprintf(line, 128, "%.*s", (int)strcspn(at + strlen(label), "\n"),
			 at + strlen(label));
	return line;
}
