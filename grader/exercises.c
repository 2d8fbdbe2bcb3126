/*
 * The list of exercises, from the marks in the solutions or the list that stands for them, and the
 * rules that tie it to the tests.
 */
#include "catalogue.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_exercise(struct exercises *e, const char *number, const char *file)
{
	if (exercise_find(e, number))
		return;
	e->list = xrealloc(e->list, (size_t)(e->count + 1) * sizeof(*e->list));
	e->list[e->count++] = (struct exercise){ xstrdup(number), xstrdup(file), atoi(number) };
}

static int by_number(const void *a, const void *b)
{
	const struct exercise *x = a, *y = b;

	if (x->lab != y->lab)
		return x->lab - y->lab;
	return atoi(strchr(x->number, '.') + 1) - atoi(strchr(y->number, '.') + 1);
}

/* The number in the first mark of a solution; false if it has none. */
static bool number_of(const char *path, char number[16])
{
	char *text = read_file(path, NULL), *mark = text ? strstr(text, "/* EXERCISE ") : NULL;
	bool found = mark && sscanf(mark, "/* EXERCISE %15[0-9.]", number) == 1 &&
		     strchr(number, '.');

	free(text);
	return found;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* From the marks in the solutions. */
static void load_solutions(struct exercises *e, const char *root)
{
	char *solutions = xasprintf("%s/solutions", root);
	char *roots[] = { solutions, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	char number[16];

	for (FTSENT *f; fts && (f = fts_read(fts));) {
		char *file;

		if (f->fts_info != FTS_F || !number_of(f->fts_path, number))
			continue;
		file = xasprintf("labs%s", f->fts_path + strlen(solutions));
		add_exercise(e, number, file);
		free(file);
	}
	if (fts)
		fts_close(fts);
	free(solutions);
}

/* From reference/exercises of a tree that was handed out: lines "01-memory/buddy.c=1.1". */
static void load_list(struct exercises *e, const char *root)
{
	char *path = xasprintf("%s/reference/exercises", root), *text = read_file(path, NULL);

	for (char *line = text; line && *line;) {
		char *next = line + strcspn(line, "\n"), *equals, *file;

		if (*next)
			*next++ = '\0';
		equals = strchr(line, '=');
		if (!equals || !strchr(equals, '.'))
			die("%s: cannot read this line: %s", path, line);
		*equals = '\0';
		file = xasprintf("labs/%s", line);
		add_exercise(e, equals + 1, file);
		free(file);
		line = next;
	}
	free(text);
	free(path);
}

void exercises_load(struct exercises *e, const char *root)
{
	char *objects = xasprintf("%s/reference/01-memory", root);

	load_solutions(e, root);
	e->reference = e->count || file_exists(objects);
	free(objects);
	if (e->count == 0)
		load_list(e, root);
	qsort(e->list, (size_t)e->count, sizeof(*e->list), by_number);
}

const struct exercise *exercise_find(const struct exercises *e, const char *number)
{
	for (int i = 0; i < e->count; i++)
		if (strcmp(e->list[i].number, number) == 0)
			return &e->list[i];
	return NULL;
}

void catalogue_check(const struct catalogue *c, const struct exercises *e, struct text *errors)
{
	for (int lab = 1; lab <= LABS; lab++) {
		int points = catalogue_points(c, lab, NULL);

		if (points && points != 100)
			text_printf(errors, "lab 0%d: the tests' points sum to %d, not 100\n", lab,
				    points);
	}
	for (int i = 0; i < e->count; i++) {
		const struct exercise *x = &e->list[i];

		if (catalogue_points(c, x->lab, NULL) && !catalogue_points(c, x->lab, x->number))
			text_printf(errors, "exercise %s (%s) has no test that gives points\n",
				    x->number, x->file);
	}
	for (int i = 0; i < c->count; i++) {
		const struct test *t = &c->tests[i];

		if (t->points && !exercise_find(e, t->exercise))
			text_printf(errors, "%s:%d: %s: there is no exercise %s\n", t->file,
				    t->line, t->id, t->exercise);
		else if (t->points && atoi(t->exercise) != t->lab)
			text_printf(errors, "%s:%d: %s: exercise %s is of another lab\n", t->file,
				    t->line, t->id, t->exercise);
	}
}
