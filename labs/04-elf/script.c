/*
 * EXERCISE 4.3: programs that begin with #!
 *
 * Goal: take "#! interpreter [argument]" from the file's first 256 bytes (x->head, padded with
 * zeroes) and start again with the interpreter: its path replaces argv[0], then comes the one
 * argument if there is one (all the rest of the line, inner spaces included), then the script's
 * path, then the old argv[1]...
 *
 * Invariant: as on Linux (execve(2), "Interpreter scripts"): spaces and tabs around path and
 * argument are skipped, also between #! and the path; an empty path is -ENOEXEC; a path that the
 * 256 bytes may have cut off is -ENOEXEC, a cut argument is not. The chain of scripts is at most
 * EXEC_MAX_DEPTH long: exec.c sees to that.
 *
 * When it is wrong: "awk -f" scripts get two arguments for one; a script whose interpreter is a
 * script loops; trailing spaces become part of the interpreter's name (ENOENT for a file that is
 * there).
 *
 * Read first: execve(2); exec.h, strings.h. The strings are pushed last one first.
 * Tests: script_plain, script_argument, script_spaces, script_chain, script_enoexec, script_no_leak.
 */
#include "04-elf/strings.h"
#include "common/abi/fcntl.h"
#include "common/exercise.h"
#include "common/string.h"
#include "01-memory/kmem.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static __unused char *skip_blanks(char *p, const char *end)
{
	while (p < end && blank(*p))
		p++;
	return p;
}

static __unused char *skip_word(char *p, const char *end)
{
	while (p < end && !blank(*p) && *p)
		p++;
	return p;
}

static int script_load(struct exec *x)
{
	/* EXERCISE 4.3: your code here. */
	exercise_blank("4.3");
	return -ENOEXEC;
}
EXEC_FORMAT(20, script, script_load);
