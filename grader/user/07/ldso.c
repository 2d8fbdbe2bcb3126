/*
 * Exercises 7.4 and 7.5: the labs' own dynamic linker, which links the programs of
 * labs/07-dynlink/lib. On the host the linker is run as a command; in Trellis it is the
 * programs' interpreter.
 *
 * @file /lib/ld-trellis.so BUILD/user/ld-trellis.so
 * @file /lib/trellis/libempty.so BUILD/user/libempty.so
 * @file /lib/trellis/libmany.so BUILD/user/libmany.so
 * @file /lib/trellis/libmini.so BUILD/user/libmini.so
 * @file /lib/trellis/libshapes.so BUILD/user/libshapes.so
 * @file /lib/trellis/demo BUILD/user/demo
 * @file /lib/trellis/demo-now BUILD/user/demo-now
 * @file /lib/trellis/demo-fixed BUILD/user/demo-fixed
 */
#define _GNU_SOURCE 1
#include "ktap_user.h"

#include <limits.h>

/* Where the reference's are on the host, if the grader does not say. */
#define HOST_DIR	"build/07-dynlink/user"

static bool in_trellis(void)
{
	return access("/lib/ld-trellis.so", X_OK) == 0;
}

/* Run a program of that directory with an argument; its output goes to *out. Wait status. */
static int run(const char *name, const char *arg, char *out, size_t size)
{
	const char *dir = getenv("TRELLIS_USER07");
	char program[PATH_MAX], linker[PATH_MAX];
	size_t have = 0;
	int fd[2], status;
	pid_t child;
	ssize_t n;

	if (in_trellis())
		dir = "/lib/trellis";
	else if (!dir)
		dir = HOST_DIR;
	snprintf(program, sizeof(program), "%s/%s", dir, name);
	snprintf(linker, sizeof(linker), "%s/ld-trellis.so", dir);
	UT_OK(pipe(fd));
	child = (pid_t)UT_OK(fork());
	if (child == 0) {
		alarm(20);
		dup2(fd[1], 1);
		if (in_trellis())
			execl(program, program, arg, NULL);
		else
			execl(linker, linker, program, arg, NULL);
		_exit(126);
	}
	close(fd[1]);
	while (have + 1 < size && (n = read(fd[0], out + have, size - 1 - have)) > 0)
		have += (size_t)n;
	out[have] = '\0';
	close(fd[0]);
	UT_EQ(waitpid(child, &status, 0), child);
	return status;
}

/* The check `what` of lib/demo.c works in each way to link the program. */
static void check(const char *what)
{
	static const char *const programs[] = { "demo", "demo-now", "demo-fixed" };
	char out[256], want[64];

	snprintf(want, sizeof(want), "%s: ok\n", what);
	for (int i = 0; i < 3; i++) {
		int status = run(programs[i], what, out, sizeof(out));

		UT_MSG(status == 0, "%s %s: expected exit status 0, got %s %d", programs[i], what,
		       WIFSIGNALED(status) ? "signal" : "exit status",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		UT_MSG(strncmp(out, want, strlen(want)) == 0, "%s %s: expected \"%s: ok\", got \"%.200s\"",
		       programs[i], what, what, out);
	}
}

UTEST(ldso_data, "7.4", 4, "pointers in the data of programs and libraries are relocated (64, RELATIVE)")
{
	check("data");
}

UTEST(ldso_functions, "7.4", 4, "functions of libraries can be called, by name and by pointer (JUMP_SLOT, GLOB_DAT)")
{
	check("functions");
}

UTEST(ldso_copy, "7.4", 3, "a program and a library share a variable that the program has a copy of (COPY)")
{
	check("copy");
}

UTEST(ldso_tls, "7.4", 4, "thread-local variables of program and library (DTPMOD64, DTPOFF64, TPOFF64)")
{
	check("tls");
}

UTEST(ldso_ifunc, "7.4", 3, "an indirect function is what its resolver returns")
{
	check("ifunc");
}

UTEST(ldso_lookup, "7.5", 4, "the program's definition of a function replaces the library's")
{
	check("lookup");
}

UTEST(ldso_many, "7.5", 5, "each of 256 functions of a library is found, also in long chains of the hash table")
{
	check("many");
}

UTEST(ldso_weak, "7.5", 4, "a weak symbol that nobody defines is not found, and is 0")
{
	check("weak");
}

UTEST(ldso_order, "7.5", 2, "constructors run before those of users, destructors after")
{
	char out[4096];

	check("order");
	UT_EQ(run("demo", "order", out, sizeof(out)), 0);
	UT_STREQ(out, "order: ok\nlibshapes: done\n");
}

UTEST_MAIN(ldso_data, ldso_functions, ldso_copy, ldso_tls, ldso_ifunc, ldso_lookup, ldso_many,
	   ldso_weak, ldso_order)
