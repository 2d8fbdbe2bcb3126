/*
 * The table on the terminal: a line per test; below a failed one what feedback.c has to say.
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedback.h"

/* ---- one test ------------------------------------------------------------------------------ */

static void print_line(const struct view *v, const struct result *r)
{
	const struct test *t = r->test;
	bool passed = r->state == PASSED;

	printf("  %s %-4s ", passed ? "ok  " : "FAIL", t->exercise);
	if (v->counts)
		printf("%3d/%-3d", passed ? t->points : 0, t->points);
	if (passed)
		printf(" %-28s %s\n", t->id, t->title);
	else
		printf(" %s\n", t->id);
}

static void print_failure(const struct exercises *e, const struct view *v, const struct result *r,
			  bool symptom)
{
	char *block = feedback_block(e, v, r, symptom);

	print_line(v, r);
	fputs(block, stdout);
	free(block);
}

void print_result(const struct options *o, const struct exercises *e, const struct view *v,
		  const struct result *r)
{
	if (o->silent || (r->state == PASSED && o->quiet))
		return;
	if (r->state == PASSED)
		print_line(v, r);
	else
		print_failure(e, v, r, true);
}

/* ---- one view ------------------------------------------------------------------------------ */

/* Has the test failed in an earlier view too? */
static bool failed_before(const struct view *v, const struct test *t)
{
	for (const struct view *b = v->before; b; b = b->before)
		for (int i = 0; i < b->count; i++)
			if (b->results[i].test == t && b->results[i].state == FAILED)
				return true;
	return false;
}

/* Did the kernel of an earlier view fail to build with the same message? */
static bool broken_before(const struct view *v)
{
	for (const struct view *b = v->before; b; b = b->before)
		if (b->broken && b->count &&
		    strcmp(b->results[0].message, v->results[0].message) == 0)
			return true;
	return false;
}

static void print_broken(const struct view *v)
{
	const char *text = v->results[0].message;

	printf("  FAIL all %d tests: the kernel does not build%s\n", v->count,
	       broken_before(v) ? ", see above" : "");
	if (broken_before(v))
		return;
	text += strcspn(text, "\n");
	for (text += *text == '\n'; *text; text += text[strcspn(text, "\n")] == '\n' ?
	     strcspn(text, "\n") + 1 : strcspn(text, "\n"))
		printf("       %.*s\n", (int)LEAST(strcspn(text, "\n"), 140), text);
}

/* All tests of this exercise alone failed for the same reason, it being blank: one line for all. */
static bool print_blank(const struct exercises *e, const struct view *v)
{
	const struct exercise *x = v->alone ? exercise_find(e, v->alone) : NULL;
	int n = 0;

	for (int i = 0; i < v->count; i++) {
		const struct result *r = &v->results[i];

		if (r->state == PASSED || (r->symptom != SYMPTOM_BLANK &&
					   !strstr(r->message ? r->message : "", "is still blank")))
			return false;
		n++;
	}
	if (v->alone)
		printf("  FAIL %-4s is still blank: %s (%d tests)\n", v->alone, x ? x->file : "",
		       n);
	return v->alone != NULL;
}

/* Was a block printed for the same failure, or for the same exercise, before result number n? */
static bool told(const struct view *v, int n, bool same)
{
	for (int i = 0; i < n; i++) {
		const struct result *r = &v->results[i], *x = &v->results[n];

		if (r->state == PASSED || failed_before(v, r->test))
			continue;
		if (same ? feedback_same(r, x) : strcmp(r->test->exercise, x->test->exercise) == 0)
			return true;
	}
	return false;
}

/* The other tests that the block of result number n stands for, and their points. */
static void print_same(const struct view *v, int n)
{
	struct text t = { 0 };

	for (int i = n + 1; i < v->count; i++) {
		const struct result *r = &v->results[i];

		if (!feedback_same(r, &v->results[n]) || failed_before(v, r->test))
			continue;
		text_printf(&t, "%s%s", t.length ? ", " : "", r->test->id);
		if (v->counts && r->test->points)
			text_printf(&t, " 0/%d", r->test->points);
	}
	if (t.length) {
		struct text line = { 0 };

		add_wrapped(&line, "       so also    ", t.s, 0);
		fputs(line.s, stdout);
		text_free(&line);
	}
	text_free(&t);
}

static void print_tests(const struct options *o, const struct exercises *e, const struct view *v)
{
	int again = 0, passed = 0, not_run = 0;
	bool brief = !v->counts && v->before;

	for (int i = 0; i < v->count; i++) {
		const struct result *r = &v->results[i];

		passed += r->state == PASSED;
		if (r->state == PASSED && (o->quiet || brief))
			continue;
		if (r->state == PASSED) {
			print_line(v, r);
		} else if (failed_before(v, r->test)) {
			again++;
		} else if (r->symptom == SYMPTOM_NOT_RUN) {
			not_run++;
		} else if (!told(v, i, true)) {
			print_failure(e, v, r, !told(v, i, false));
			print_same(v, i);
		}
	}
	if (brief && passed)
		printf("  ok   %d of %d tests\n", passed, v->count);
	if (not_run)
		printf("  FAIL %d tests that were not run, because tests before them hung\n",
		       not_run);
	if (again)
		printf("  FAIL %d tests that failed alone too, see above\n", again);
}

void print_view(const struct options *o, const struct exercises *e, const struct view *v)
{
	printf("lab %s: %s, -smp %s\n", lab_directory(v->lab), v->name, o->smp);
	if (o->silent)
		;
	else if (v->broken)
		print_broken(v);
	else if (!print_blank(e, v))
		print_tests(o, e, v);
	fflush(stdout);
}

/* ---- all views ----------------------------------------------------------------------------- */

void report_add(struct report *r, struct view *v)
{
	r->views = xrealloc(r->views, (size_t)(r->count + 1) * sizeof(*r->views));
	r->views[r->count++] = v;
}

struct view *report_alone(const struct report *r, const char *exercise)
{
	for (int i = 0; i < r->count; i++)
		if (r->views[i]->counts && r->views[i]->alone &&
		    strcmp(r->views[i]->alone, exercise) == 0)
			return r->views[i];
	return NULL;
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

int report_max_points(const struct report *r)
{
	int sum = 0;

	for (int i = 0; i < r->count; i++)
		if (r->views[i]->counts)
			sum += view_max_points(r->views[i]);
	return sum;
}

void report_exercise(const struct report *r, const char *number, int *got, int *max)
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
	int max = report_max_points(r);

	for (int i = 0; i < e->count; i++) {
		int got, most;

		report_exercise(r, e->list[i].number, &got, &most);
		if (most)
			printf("  exercise %-5s %3d of %3d points   %s\n", e->list[i].number, got,
			       most, e->list[i].file);
	}
	for (int i = 0; i < r->count; i++) {
		const struct view *v = r->views[i];

		if (!v->counts)
			printf("  %s: %d of %d tests passed\n", v->name,
			       v->count - view_failed(v), v->count);
	}
	if (max)
		printf("lab %s: %d of %d points\n", lab_directory(r->lab), report_points(r), max);
}

void print_count(const struct report *r)
{
	int passed, failed;

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
