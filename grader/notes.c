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

/* The comment that has the first paragraph with a goal, without its frame; a line per paragraph. */
static char *comment_text(const char *text)
{
	struct text t = { 0 };
	const char *goal = strstr(text, "Goal:");

	for (const char *p = goal; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		const char *line = p == goal ? p : comment_line(p);
		size_t n = strcspn(line, "\n");

		if (*line == '/')
			break;
		for (; n && isspace((unsigned char)*line); n--)
			line++;
		text_printf(&t, n ? "%.*s " : "\n%.*s", (int)n, line);
	}
	return t.s;
}

/*
 * The length of a label that begins here, with its colon: "Symptoms when wrong:"; 0 if there is
 * none.
 */
static size_t label_length(const char *start, const char *p)
{
	static const char *const labels[] = {
		"Goal", "Invariant", "Symptom", "When it is wrong", "Read", "Tests",
	};
	size_t n = strcspn(p, ":\n");

	if ((p > start && !isspace((unsigned char)p[-1])) || p[n] != ':' || n > 20)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		if (strncmp(p, labels[i], strlen(labels[i])) == 0)
			return n + 1;
	return 0;
}

/* What stands behind the label that begins with this word, up to the next one. */
static char *labelled(const char *file, const char *word)
{
	char *text = comment_text(file), *found = NULL;
	const char *end = NULL;

	for (const char *p = text; p && *p && !found; p++) {
		size_t n = strncmp(p, word, strlen(word)) == 0 ? label_length(text, p) : 0;

		if (!n)
			continue;
		p += n;
		p += strspn(p, " ");
		for (end = p; *end && *end != '\n' && !label_length(text, end); end++)
			;
		while (end > p && end[-1] == ' ')
			end--;
		found = xstrndup(p, (size_t)(end - p));
	}
	free(text);
	return found;
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
