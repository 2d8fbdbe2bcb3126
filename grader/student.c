/*
 * Grading a student's work: each exercise alone, which gives the points; then the whole lab; then
 * all labs together. The last two are not run while a blank would spoil them.
 */
#include "grading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedback.h"
#include "progress.h"

/* ---- views --------------------------------------------------------------------------------- */

struct view *add_view(struct grading *g, struct report *r, struct view init)
{
	struct view *v;

	init.lab = g->lab;
	init.before = r->count ? r->views[r->count - 1] : NULL;
	v = view_new(&g->o, &g->c, init);
	if (v->count)
		report_add(r, v);
	return v->count ? v : NULL;
}

static void on_done(void *arg, struct view *v)
{
	struct grading *g = arg;

	print_view(&g->o, &g->e, v);
}

void judge_report(struct grading *g, struct report *r, int first)
{
	judge_views(&g->o, &g->c, r->views + first, r->count - first, on_done, g);
}

void add_alone(struct grading *g, struct report *r)
{
	if (!g->e.reference) {	/* nothing to stand in for the others: all as they are */
		add_view(g, r, (struct view){ .name = xstrdup("all of it"), .mode = "mine",
					      .counts = true });
		return;
	}
	for (int i = 0; i < g->e.count; i++) {
		const struct exercise *x = &g->e.list[i];

		if (x->lab == g->lab)
			add_view(g, r, (struct view){
				.name = xasprintf("exercise %s alone", x->number),
				.mode = "reference", .mine = x->number, .only = x->number,
				.alone = x->number, .counts = true });
	}
}

static bool wanted(const struct grading *g, const char *view)
{
	return !g->view || strcmp(g->view, view) == 0;
}

static bool word_in(const char *words, const struct exercise *x)
{
	struct args a = { 0 };
	bool found = false;

	args_split(&a, words ? words : "");
	for (int i = 0; i < a.n; i++) {
		const char *word = a.v[i] + (a.v[i][0] == '0');

		found |= strcmp(word, x->number) == 0 ||
			 (!strchr(word, '.') && atoi(word) == x->lab);
	}
	args_free(&a);
	return found;
}

#define MANY	8

/* Blanks among the student's exercises of labs `from` to the graded one, as "1.3 1.4"; or NULL. */
static char *blanks(const struct grading *g, int from)
{
	struct text t = { 0 };
	int n = 0;

	for (int i = 0; i < g->e.count; i++) {
		const struct exercise *x = &g->e.list[i];

		if (x->lab < from || x->lab > g->lab || word_in(g->ref, x) || !exercise_is_blank(x))
			continue;
		if (++n <= MANY)
			text_printf(&t, "%s%s", t.length ? " " : "", x->number);
	}
	if (n > MANY)
		text_printf(&t, " and %d more", n - MANY);
	return t.s;
}

/* The exercises with tests that hang alone, as "1.3 1.4"; or NULL. */
static char *hanging(const struct report *r)
{
	struct text t = { 0 };

	for (int i = 0; i < r->count; i++) {
		const struct view *v = r->views[i];
		bool hangs = false;

		for (int k = 0; k < v->count; k++)
			hangs |= v->results[k].symptom == SYMPTOM_HANG ||
				 v->results[k].symptom == SYMPTOM_FLOOD;
		if (hangs && v->alone)
			text_printf(&t, "%s%s", t.length ? " " : "", v->alone);
	}
	return t.s;
}

/* Add a view of several exercises, unless it could only tell again that one is blank or hangs. */
static struct view *add_joint(struct grading *g, struct report *r, const char *word, int from,
			      struct view init)
{
	char *open = blanks(g, from), *hang = hanging(r);
	bool told = !g->view && (open || hang);
	struct view *v = NULL;

	if (wanted(g, word) && !told)
		v = add_view(g, r, init);
	else if (wanted(g, word) && !g->o.silent)
		printf("lab %s: %s: not run, %s: %s%s\n", lab_directory(g->lab), init.name,
		       open ? "still blank" : "hangs alone", open ? open : hang,
		       open && from < g->lab ? " (REF=\"...\" takes them from the reference)" : "");
	free(open);
	free(hang);
	return v;
}

static void add_joints(struct grading *g, struct report *r)
{
	static const char *const numbers[] = { "", "1", "2", "3", "4", "5", "6", "7" };
	bool same = g->lab == 1 && (!g->ref || !*g->ref);

	if (!g->e.reference)
		return;
	add_joint(g, r, "lab", g->lab, (struct view){ .name = xstrdup("the lab"),
		  .mode = "reference", .mine = xstrdup(numbers[g->lab]) });
	/* The first lab has no older ones. */
	if (!same || (g->view && strcmp(g->view, "integrated") == 0))
		add_joint(g, r, "integrated", 1, (struct view){ .name = xstrdup("integrated"),
			  .mode = "mine", .ref = g->ref });
}

/* ---- one lab ------------------------------------------------------------------------------- */

static char *lab_file(const struct grading *g, const char *name)
{
	return xasprintf("%s/0%d/%s", g->o.work, g->lab, name);
}

static void update_progress(struct grading *g, const struct report *r, struct progress *before,
			    struct progress *after)
{
	char *file = lab_file(g, "last"), *directory = lab_file(g, "");

	make_directories(directory);
	progress_load(before, file);
	progress_load(after, file);
	progress_update(after, r);
	if (!progress_save(after, file))
		printf("note: cannot write %s\n", file);
	free(file);
	free(directory);
}

/* The views that do not count say less of who is at fault: swap exercises. */
static void blame(struct grading *g, const struct report *r)
{
	for (int i = 0; i < r->count; i++)
		if (!r->views[i]->counts && view_failed(r->views[i]))
			find_guilty(g, r->views[i]);
}

void grade_student(struct grading *g, struct report *r)
{
	struct progress before, after;
	int first;

	if (wanted(g, "alone"))
		add_alone(g, r);
	judge_report(g, r, 0);
	first = r->count;
	add_joints(g, r);
	judge_report(g, r, first);
	blame(g, r);
	print_summary(r, &g->e);
	update_progress(g, r, &before, &after);
	print_progress(&before, &after, &g->c, &g->e, g->lab);
	progress_free(&before);
	progress_free(&after);
}

/* ---- all labs ------------------------------------------------------------------------------ */

static void print_row(struct grading *g, const struct report *r)
{
	printf("%-14s %3d/%-3d ", lab_directory(r->lab), report_points(r), report_max_points(r));
	for (int i = 0; i < g->e.count; i++) {
		int got, max;

		report_exercise(r, g->e.list[i].number, &got, &max);
		if (max)
			printf("  %s %2d/%-2d", g->e.list[i].number, got, max);
	}
	printf("\n");
	for (int i = 0; i < r->count; i++)
		if (!r->views[i]->counts)
			printf("%24s%s: %d of %d tests\n", "", r->views[i]->name,
			       r->views[i]->count - view_failed(r->views[i]), r->views[i]->count);
}

static void append(struct report *all, const struct report *r, int first)
{
	for (int i = first; i < r->count; i++)
		report_add(all, r->views[i]);
}

/* Files and a row for each lab; sums. */
static int finish_all(struct grading *g, struct report labs[LABS + 1])
{
	int points = 0, max = 0, passed = 0, failed = 0;

	printf("%-14s %-8s  %s\n", "lab", "points", "exercises");
	for (g->lab = 1; g->lab <= LABS; g->lab++) {
		struct report *r = &labs[g->lab];
		char *directory = lab_file(g, "");
		struct progress before, after;
		int p, f;

		update_progress(g, r, &before, &after);
		progress_free(&before);
		progress_free(&after);
		report_write(r, &g->e, directory);
		free(directory);
		print_row(g, r);
		report_count(r, &p, &f);
		points += report_points(r);
		max += report_max_points(r);
		passed += p;
		failed += f;
	}
	printf("%-14s %3d/%-3d\n", "all", points, max);
	for (int lab = 1; lab <= LABS; lab++)
		if (report_points(&labs[lab]) < report_max_points(&labs[lab])) {
			printf("next           make -C labs/%s grade\n", lab_directory(lab));
			break;
		}
	printf("%d passed, %d failed\n", passed, failed);
	return failed;
}

int grade_all(struct grading *g)
{
	struct report labs[LABS + 1] = { 0 }, all = { 0 };
	int first, alone;

	g->o.silent = true;
	for (g->lab = 1; g->lab <= LABS; g->lab++) {
		labs[g->lab].lab = g->lab;
		add_alone(g, &labs[g->lab]);
		append(&all, &labs[g->lab], 0);
	}
	judge_views(&g->o, &g->c, all.views, all.count, NULL, NULL);
	first = all.count;
	for (g->lab = 1; g->lab <= LABS; g->lab++) {
		struct report *r = &labs[g->lab];

		alone = r->count;
		add_joints(g, r);
		append(&all, r, alone);
	}
	judge_views(&g->o, &g->c, all.views + first, all.count - first, NULL, NULL);
	return finish_all(g, labs);
}
