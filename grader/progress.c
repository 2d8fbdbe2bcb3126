/*
 * What is done, what changed, what is next. The file has a line "ok ID" or "not ok ID" per test.
 */
#include "progress.h"
#include "feedback.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the line at the bottom ---------------------------------------------------------------- */

static bool shown;

void progress_line(const char *fmt, ...)
{
	va_list ap;

	if (!isatty(1))
		return;
	printf("\r\033[K  ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fflush(stdout);
	shown = true;
}

void progress_clear(void)
{
	if (shown)
		printf("\r\033[K");
	shown = false;
	fflush(stdout);
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool contains(const struct args *a, const char *s)
{
	for (int i = 0; i < a->n; i++)
		if (strcmp(a->v[i], s) == 0)
			return true;
	return false;
}

static void args_remove(struct args *a, const char *s)
{
	for (int i = 0; i < a->n; i++)
		if (strcmp(a->v[i], s) == 0) {
			free(a->v[i]);
			memmove(&a->v[i], &a->v[i + 1], (size_t)(a->n - i) * sizeof(*a->v));
			a->n--;
			return;
		}
}

void progress_load(struct progress *p, const char *file)
{
	char *text = read_file(file, NULL), *rest = text;

	*p = (struct progress){ 0 };
	for (char *line; text && (line = strsep(&rest, "\n")); )
		if (strncmp(line, "ok ", 3) == 0)
			args_add(&p->passed, line + 3);
		else if (strncmp(line, "not ok ", 7) == 0)
			args_add(&p->failed, line + 7);
	free(text);
}

void progress_update(struct progress *p, const struct report *r)
{
	for (int i = 0; i < r->count; i++)
		for (int k = 0; r->views[i]->counts && k < r->views[i]->count; k++) {
			const struct result *x = &r->views[i]->results[k];
			const char *id = x->test->id;

			args_remove(&p->passed, id);
			args_remove(&p->failed, id);
			args_add(x->state == PASSED ? &p->passed : &p->failed, id);
		}
}

bool progress_save(const struct progress *p, const char *file)
{
	struct text t = { 0 };
	bool ok;

	text_add(&t, "", 0);
	for (int i = 0; i < p->passed.n; i++)
		text_printf(&t, "ok %s\n", p->passed.v[i]);
	for (int i = 0; i < p->failed.n; i++)
		text_printf(&t, "not ok %s\n", p->failed.v[i]);
	ok = write_file(file, t.s, t.length);
	text_free(&t);
	return ok;
}

void progress_free(struct progress *p)
{
	args_free(&p->passed);
	args_free(&p->failed);
}

/* ---- what it says -------------------------------------------------------------------------- */

bool progress_done(const struct progress *p, const struct catalogue *c, const struct exercise *x)
{
	for (int i = 0; i < c->count; i++)
		if (c->tests[i].points && strcmp(c->tests[i].exercise, x->number) == 0 &&
		    !contains(&p->passed, c->tests[i].id))
			return false;
	return true;
}

/* A line of those tests in `now` that were in `before`; nothing if there are none. */
static void print_moved(const char *label, const struct args *before, const struct args *now)
{
	struct text t = { 0 }, line = { 0 };

	for (int i = 0; i < now->n; i++)
		if (contains(before, now->v[i]))
			text_printf(&t, "%s%s", t.length ? ", " : "", now->v[i]);
	if (t.length) {
		add_wrapped(&line, label, t.s, 4);
		fputs(line.s, stdout);
	}
	text_free(&t);
	text_free(&line);
}

static void print_next(const struct exercise *x)
{
	char *goal = exercise_goal(x), *heading = exercise_heading(x),
	     *handout = exercise_handout(x);
	struct text t = { 0 };

	printf("next       exercise %s in %s\n", x->number, *x->file ? x->file : "this lab");
	if (goal)
		add_wrapped(&t, "           goal: ", goal, 2);
	text_printf(&t, "           handout: %s%s%s%s\n", handout, heading ? ", \"" : "",
		    heading ? heading : "", heading ? "\"" : "");
	text_printf(&t, "           make -C labs/%s grade TEST=%s\n", lab_directory(x->lab),
		    x->number);
	fputs(t.s, stdout);
	text_free(&t);
	free(goal);
	free(heading);
	free(handout);
}

void print_progress(const struct progress *before, const struct progress *now,
		    const struct catalogue *c, const struct exercises *e, int lab)
{
	const struct exercise *next = NULL;

	printf("done      ");
	for (int i = 0, n = 0; i < e->count; i++) {
		const struct exercise *x = &e->list[i];
		bool done = x->lab == lab && progress_done(now, c, x);

		n += done;
		if (done)
			printf(" %s", x->number);
		if (x->lab == lab && !done && !next)
			next = x;
		if (i == e->count - 1 && !n)
			printf(" no exercise yet");
	}
	printf("\n");
	print_moved("now passes ", &before->failed, &now->passed);
	print_moved("now fails  ", &before->passed, &now->failed);
	if (next)
		print_next(next);
	else
		printf("next       %s%s\n", lab < LABS ? "the next lab: labs/" :
		       "nothing: the system is complete; make qemu", lab_directory(lab + 1));
}
