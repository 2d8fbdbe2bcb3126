/*
 * The table on the terminal: a line per test; below a failed one what happened, where the
 * student's code is, and the commands that run just this test.
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *lab_directory(int lab)
{
	static const char *const names[] = {
		"", "01-memory", "02-usermode", "03-syscalls", "04-elf", "05-vfs", "06-posix",
		"07-dynlink",
	};

	return names[lab];
}

/* The command that runs one test in the same view. */
static void print_command(const struct view *v, const char *what, const char *target, const char *id)
{
	printf("         %-10s ", what);
	if (strcmp(v->mode, "mine") == 0 || v->alone)
		printf("make -C labs/%s %s", lab_directory(v->lab), target);
	else
		printf("make %s LAB=0%d", target, v->lab);
	if (v->mine && *v->mine && !v->alone && strcmp(v->mine, "all") != 0)
		printf(" MINE=\"%s\"", v->mine);
	if (v->ref && *v->ref)
		printf(" REF=\"%s\"", v->ref);
	printf(" TEST=%s\n", id);
}

void print_result(const struct options *o, const struct exercises *e, const struct view *v,
		  const struct result *r)
{
	const struct test *t = r->test;
	const struct exercise *x = exercise_find(e, t->exercise);
	bool passed = r->state == PASSED;

	if (o->silent || (passed && o->quiet))
		return;
	printf("  %s %-4s ", passed ? "ok  " : "FAIL", t->exercise);
	if (v->counts)
		printf("%3d/%-3d", passed ? t->points : 0, t->points);
	printf(" %-28s %s\n", t->id, t->title);
	if (passed)
		return;
	printf("         %s\n", r->message ? r->message : "failed");
	if (x && *x->file)
		printf("         look at    %s (exercise %s)\n", x->file, x->number);
	printf("         the test   %s:%d\n", t->file, t->line);
	print_command(v, "alone", "grade", t->id);
	print_command(v, "debug", "grade-gdb", t->id);
}

void print_view(const struct view *v, const struct options *o)
{
	printf("lab %s: %s, -smp %s\n", lab_directory(v->lab), v->name, o->smp);
	fflush(stdout);
}

void report_add(struct report *r, struct view *v)
{
	r->views = xrealloc(r->views, (size_t)(r->count + 1) * sizeof(*r->views));
	r->views[r->count++] = v;
}

void report_count(const struct report *r, int *passed, int *failed)
{
	*passed = *failed = 0;
	for (int i = 0; i < r->count; i++) {
		*failed += view_failed(r->views[i]);
		*passed += r->views[i]->count - view_failed(r->views[i]);
	}
}

int report_points(const struct report *r)
{
	int sum = 0;

	for (int i = 0; i < r->count; i++)
		if (r->views[i]->counts)
			sum += view_points(r->views[i]);
	return sum;
}

/* Points of one exercise in the views that count. */
static void exercise_points(const struct report *r, const char *number, int *got, int *max)
{
	*got = *max = 0;
	for (int i = 0; i < r->count; i++) {
		const struct view *v = r->views[i];

		for (int k = 0; v->counts && k < v->count; k++) {
			const struct result *x = &v->results[k];

			if (strcmp(x->test->exercise, number) != 0)
				continue;
			*max += x->test->points;
			*got += x->state == PASSED ? x->test->points : 0;
		}
	}
}

void print_summary(const struct report *r, const struct exercises *e)
{
	int passed, failed, max = 0;

	for (int i = 0; i < e->count; i++) {
		int got, most;

		exercise_points(r, e->list[i].number, &got, &most);
		if (most)
			printf("  exercise %-5s %3d of %3d points   %s\n", e->list[i].number, got,
			       most, e->list[i].file);
	}
	for (int i = 0; i < r->count; i++) {
		const struct view *v = r->views[i];

		if (v->counts)
			max += view_max_points(v);
		else
			printf("  %s: %d of %d tests passed\n", v->name,
			       v->count - view_failed(v), v->count);
	}
	if (max)
		printf("lab %s: %d of %d points\n", lab_directory(r->lab), report_points(r), max);
	report_count(r, &passed, &failed);
	printf("%d passed, %d failed\n", passed, failed);
}

void print_points(const struct catalogue *c, const struct exercises *e, int lab)
{
	const char *directory = lab_directory(lab);

	printf("| exercise | file, tests | what is tested | points |\n");
	printf("|---|---|---|--:|\n");
	for (int i = 0; i < e->count; i++) {
		const struct exercise *x = &e->list[i];
		const char *file;

		if (x->lab != lab)
			continue;
		file = strstr(x->file, directory);
		printf("| **%s** | `%s` | | **%d** |\n", x->number,
		       file ? file + strlen(directory) + 1 : x->file,
		       catalogue_points(c, lab, x->number));
		for (int k = 0; k < c->count; k++) {
			const struct test *t = &c->tests[k];

			if (t->lab == lab && strcmp(t->exercise, x->number) == 0)
				printf("| | `%s` | %s | %d |\n", t->id, t->title, t->points);
		}
	}
	printf("| | | | **%d** |\n", catalogue_points(c, lab, NULL));
}
