/*
 * Reading exercises: each file begins with a comment of paragraphs "Goal: ...", "Symptom: ..." (or
 * "When it is wrong: ..."), and its lab's handout has a heading with its number.
 */
#include "feedback.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lab_directory(int lab)
{
	static const char *const names[] = {
		"", "01-memory", "02-usermode", "03-syscalls", "04-elf", "05-vfs", "06-posix",
		"07-dynlink",
	};

	return names[lab >= 1 && lab <= LABS ? lab : 0];
}

/* The reference's form if it is there, as a student may have deleted the comment; else his. */
static char *exercise_text(const struct exercise *x)
{
	char *solution = strncmp(x->file, "labs/", 5) == 0 ?
			 xasprintf("solutions/%s", x->file + 5) : xstrdup(x->file);
	char *text = read_file(solution, NULL);

	free(solution);
	return text ? text : *x->file ? read_file(x->file, NULL) : NULL;
}

/* Behind the " * " that a line of a comment begins with. */
static const char *comment_line(const char *p)
{
	p += strspn(p, " \t");
	p += *p == '*';
	return p + (*p == ' ');
}

/* "Invariant:", "Read first:": one to four words, the first with a capital, and a colon. */
static bool is_label(const char *p)
{
	size_t n = strcspn(p, ":\n");

	if (!isupper((unsigned char)*p) || p[n] != ':' || n > 20)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalpha((unsigned char)p[i]) && p[i] != ' ')
			return false;
	return true;
}

/* The paragraph behind a label that begins with this word, on one line. */
static char *labelled(const char *text, const char *word)
{
	struct text t = { 0 };
	bool inside = false;

	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		const char *line = comment_line(p);
		size_t n = strcspn(line, "\n");

		if (is_label(line) || *line == '\n' || *line == '/') {
			if (inside)
				break;
			inside = is_label(line) && strncmp(line, word, strlen(word)) == 0;
			n -= inside ? strcspn(line, ":") + 1 : 0;
			line += inside ? strcspn(line, ":") + 1 : 0;
		}
		if (!inside)
			continue;
		for (; n && isspace((unsigned char)*line); n--)
			line++;
		text_printf(&t, "%s%.*s", t.length ? " " : "", (int)n, line);
	}
	return t.s;
}

char *exercise_goal(const struct exercise *x)
{
	char *text = exercise_text(x), *goal = text ? labelled(text, "Goal") : NULL;

	free(text);
	return goal;
}

char *exercise_symptom(const struct exercise *x)
{
	char *text = exercise_text(x), *s = text ? labelled(text, "Symptom") : NULL;

	if (!s && text)
		s = labelled(text, "When it is wrong");
	free(text);
	return s;
}

char *exercise_handout(const struct exercise *x)
{
	return xasprintf("labs/%s/README.md", lab_directory(x->lab));
}

/* Does the line name this exercise, and not 1.30 or 11.3? */
static bool names_exercise(const char *line, size_t n, const char *number)
{
	size_t length = strlen(number);

	for (const char *p = line; (p = memmem(p, (size_t)(line + n - p), number, length)); p++)
		if ((p == line || (!isdigit((unsigned char)p[-1]) && p[-1] != '.')) &&
		    !isdigit((unsigned char)p[length]))
			return true;
	return false;
}

char *exercise_heading(const struct exercise *x)
{
	char *file = exercise_handout(x), *text = read_file(file, NULL), *found = NULL;
	const char *heading = NULL, *above = NULL;

	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		size_t n = strcspn(p, "\n");
		bool named = names_exercise(p, n, x->number);

		if (*p == '#')
			above = p;
		if (*p == '#' && named) {
			heading = p;
			break;
		}
		if (!heading && named && (strncmp(p, "* **", 4) == 0 || strncmp(p, "- **", 4) == 0))
			heading = above;
	}
	if (heading) {
		heading += strspn(heading, "# ");
		found = xstrndup(heading, strcspn(heading, "\n"));
	}
	free(text);
	free(file);
	return found;
}

bool exercise_is_blank(const struct exercise *x)
{
	char *text = *x->file ? read_file(x->file, NULL) : NULL;
	char *call = xasprintf("exercise_blank(\"%s\"", x->number);
	char *stop = xasprintf("exercise_blank_noreturn(\"%s\"", x->number);
	char *assembly = xasprintf("EXERCISE_BLANK_ASM \"%s\"", x->number);
	bool blank = text && (strstr(text, call) || strstr(text, stop) || strstr(text, assembly));

	free(text);
	free(call);
	free(stop);
	free(assembly);
	return blank;
}
