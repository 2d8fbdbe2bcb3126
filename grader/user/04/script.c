/*
 * Exercise 4.3: scripts. Their interpreter is this program, which answers by its exit status what
 * arguments it got. In the ramdisk they stand in /t/scripts; on the host, copies are made that
 * name this program where it is.
 * @file /t/scripts grader/user/04/scripts
 * @timeout 20
 */
#include "ktap_user.h"
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#define IN_RAMDISK	"/t/script"

static const char *self(void)
{
	return (const char *)getauxval(AT_EXECFN);
}

/* ---- the interpreter: argv[1] says what is expected of the others ---- */

#define CHECK(cond)	do { if (!(cond)) _exit(__LINE__ % 200 + 20); } while (0)

static bool ends_with(const char *s, const char *end)
{
	return strlen(s) >= strlen(end) && !strcmp(s + strlen(s) - strlen(end), end);
}

__attribute__((constructor)) static void act_as_interpreter(int argc, char **argv)
{
	const char *expected = getenv("EXPECT");

	if (!expected)
		return;
	if (!strcmp(expected, "plain")) {
		CHECK(argc == 4 && ends_with(argv[0], "script"));
		CHECK(ends_with(argv[1], "scripts/plain") && !strcmp(argv[2], "one") &&
		      !strcmp(argv[3], ""));
	} else if (!strcmp(expected, "argument")) {
		CHECK(argc == 3 && !strcmp(argv[1], "-f  all of it"));
		CHECK(ends_with(argv[2], "scripts/argument"));
	} else if (!strcmp(expected, "spaces")) {
		CHECK(argc == 3 && ends_with(argv[0], "script") && !strcmp(argv[1], "arg"));
		CHECK(ends_with(argv[2], "scripts/spaces"));
	} else if (!strcmp(expected, "no-newline")) {
		CHECK(argc == 2 && ends_with(argv[1], "scripts/no-newline"));
	} else if (!strcmp(expected, "chain")) {
		/* the inner script's interpreter, the inner script, the outer one, its argument */
		CHECK(argc == 4 && ends_with(argv[1], "scripts/plain"));
		CHECK(ends_with(argv[2], "scripts/chain1") && !strcmp(argv[3], "z"));
	} else if (!strcmp(expected, "empty")) {
		CHECK(argc == 2 && ends_with(argv[1], "scripts/plain"));
	} else {
		_exit(2);
	}
	_exit(0);
}

/* ---- the scripts ---- */

static char directory[] = "/tmp/trellis-scripts";

/* On the host: the script with every "/t/" made to point to where things are there. */
static void copy_script(const char *name, char *path)
{
	char from[256], text[4096], *p = text, *hit;
	FILE *out;
	int fd;
	long n;

	snprintf(from, sizeof(from), "grader/user/04/scripts/%s", name);
	fd = UT_OK(open(from, O_RDONLY));
	n = UT_OK(read(fd, text, sizeof(text) - 1));
	text[n] = 0;
	close(fd);
	mkdir(directory, 0755);
	snprintf(path, 256, "%s/scripts", directory);
	mkdir(path, 0755);
	snprintf(path, 256, "%s/scripts/%s", directory, name);
	out = fopen(path, "w");
	UT_ASSERT(out);
	while ((hit = strstr(p, "/t/"))) {
		fwrite(p, 1, hit - p, out);
		if (!strncmp(hit, IN_RAMDISK "s/", strlen(IN_RAMDISK "s/")))
			fprintf(out, "%s/", directory);
		else
			fprintf(out, "%.*s/", (int)(strrchr(self(), '/') - self()), self());
		p = hit + 3;
	}
	fputs(p, out);
	fclose(out);
	chmod(path, 0755);
}

static const char *script(const char *name)
{
	static char path[256];

	if (!strcmp(self(), IN_RAMDISK))
		snprintf(path, sizeof(path), "/t/scripts/%s", name);
	else
		copy_script(name, path);
	return path;
}

/*
 * Execute a script in a child, whose interpreter is to check what `expect` says: 0, or -errno of
 * exec, or its status.
 */
static int run(const char *name, const char *expect, char *const argv[])
{
	char variable[64];
	char *envp[] = { variable, NULL };
	const char *path = script(name);
	int status = -1, pid;

	snprintf(variable, sizeof(variable), "EXPECT=%s", expect);
	pid = fork();
	if (pid == 0) {
		execve(path, argv, envp);
		_exit(100 + errno);
	}
	UT_ASSERT(pid > 0 && waitpid(pid, &status, 0) == pid);
	status = status >> 8 | (status & 0x7f) << 8;
	return status > 100 && status < 200 ? 100 - status : status;
}

#define RUN(name, expect, ...)	run(name, expect, (char *[]){ "zero", ##__VA_ARGS__, NULL })

UTEST(script_plain, "4.3", 5,
      "the interpreter gets its name, the script's path, and the other arguments")
{
	UT_EQ(RUN("plain", "plain", "one", ""), 0);
}

UTEST(script_argument, "4.3", 4, "all that follows the interpreter's path is one argument")
{
	UT_EQ(RUN("argument", "argument"), 0);
}

UTEST(script_spaces, "4.3", 4, "spaces and tabs around path and argument do not count")
{
	UT_EQ(RUN("spaces", "spaces"), 0);
}

UTEST(script_no_newline, "4.3", 2, "the line may end with the file")
{
	UT_EQ(RUN("no-newline", "no-newline"), 0);
}

UTEST(script_chain, "4.3", 4,
      "an interpreter may be a script; a script that is its own interpreter gives ELOOP")
{
	script("plain");
	UT_EQ(RUN("chain1", "chain", "z"), 0);
	UT_EQ(RUN("loop", "chain"), -ELOOP);
}

UTEST(script_enoexec, "4.3", 4,
      "a line without an interpreter, or with one too long, is ENOEXEC; a missing one ENOENT")
{
	UT_EQ(RUN("plain", "plain", "one", ""), 0);
	UT_EQ(RUN("blank", "plain"), -ENOEXEC);
	UT_EQ(RUN("toolong", "plain"), -ENOEXEC);
	UT_EQ(RUN("missing", "plain"), -ENOENT);
	UT_EQ(RUN("text", "plain"), -ENOEXEC);
}

UTEST_MAIN(script_plain, script_argument, script_spaces, script_no_newline, script_chain,
	   script_enoexec)
