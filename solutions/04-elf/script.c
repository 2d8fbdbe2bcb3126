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

/* EXERCISE 4.3 BEGIN  blank-toplevel */
/*
 * Split the line in place into interpreter and argument (NULL: none), both terminated: 0 or
 * -ENOEXEC. line has one byte behind end for the terminator.
 */
static int split_line(char *line, char *end, char **interpreter, char **argument)
{
	char *newline = memchr(line, '\n', end - line), *name, *name_end;

	name = skip_blanks(line + 2, end);
	if (!newline && skip_word(name, end) == end)
		return -ENOEXEC;	/* the path may go on behind what we have */
	if (newline)
		end = newline;
	while (end > line + 2 && blank(end[-1]))
		end--;
	if (name >= end || !*name)
		return -ENOEXEC;
	*end = '\0';
	name_end = skip_word(name, end);
	*argument = skip_blanks(name_end, end);
	if (!**argument)
		*argument = NULL;
	*name_end = '\0';
	*interpreter = name;
	return 0;
}

/* Exchange argv[0] for interpreter, argument and script: 0, -E2BIG, -ENOMEM. */
static int change_arguments(struct exec *x, const char *interpreter, const char *argument)
{
	int error = exec_drop_first_argument(x);

	if (!error)
		error = exec_push_string(x, x->interp);
	if (!error && argument)
		error = exec_push_string(x, argument);
	if (!error)
		error = exec_push_string(x, interpreter);
	x->argc += argument ? 3 : 2;
	return error;
}
/* EXERCISE 4.3 END */

static int script_load(struct exec *x)
{
	/* EXERCISE 4.3 BEGIN  blank: return -ENOEXEC; */
	char line[EXEC_HEAD_SIZE + 1], *interpreter, *argument, *copy;
	struct file *f;
	int error;

	if (x->head[0] != '#' || x->head[1] != '!')
		return -ENOEXEC;
	memcpy(line, x->head, EXEC_HEAD_SIZE);
	error = split_line(line, line + EXEC_HEAD_SIZE, &interpreter, &argument);
	if (!error)
		error = change_arguments(x, interpreter, argument);
	if (error)
		return error;
	copy = kstrdup(interpreter, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	f = open_exec(AT_FDCWD, interpreter, 0);
	if (IS_ERR(f)) {
		kfree(copy);
		return PTR_ERR(f);
	}
	kfree(x->interp);
	x->interp = copy;
	file_put(x->file);
	x->file = f;
	return 1;
	/* EXERCISE 4.3 END */
}
EXEC_FORMAT(20, script, script_load);
