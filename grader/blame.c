/*
 * Who spoils the others? A test that passes with each exercise alone and fails with several of the
 * student's together fails because of one that its own tests did not find out. R4 makes any of
 * them the reference's, one at a time.
 */
#include "grading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedback.h"

#define MAX_TESTS	3	/* that are looked at */

struct search {
	struct grading *g;	/* a copy, for other time limits */
	const struct view *view;
	char *tests;		/* list: these fail, and should not */
	char *only;		/* tests to run; NULL: all, as those fail in company only */
};

/* ---- which tests --------------------------------------------------------------------------- */

/* Did the test fail in an earlier view? Then that one says why. */
static bool failed_before(const struct view *v, const struct test *t)
{
	for (const struct view *b = v->before; b; b = b->before) {
		struct result *r = view_find(b, t->id);

		if (r && r->state == FAILED)
			return true;
	}
	return false;
}

/* Some tests of one boot that fail in this view for the first time, as a list; or NULL. */
static char *new_failures(const struct view *v)
{
	struct text t = { 0 };
	const struct program *program = NULL;
	int n = 0;

	for (int i = 0; i < v->count && n < MAX_TESTS; i++) {
		const struct result *r = &v->results[i];

		if (r->state != FAILED || r->symptom == SYMPTOM_NOT_RUN ||
		    failed_before(v, r->test) || (n && r->test->program != program))
			continue;
		program = r->test->program;
		text_printf(&t, "%s%s", n++ ? "," : "", r->test->id);
	}
	return t.s;
}

static bool fails_alone(const struct view *v, const char *exercise)
{
	for (const struct view *b = v->before; b; b = b->before)
		if (b->alone && strcmp(b->alone, exercise) == 0)
			return view_failed(b) > 0;
	return false;
}

/* ---- swaps --------------------------------------------------------------------------------- */

/* The view with one more word in REF; word NULL: the view itself. */
static void add_swap(struct search *s, struct report *r, const char *word)
{
	const struct view *v = s->view;
	const char *ref = v->ref ? v->ref : "";

	add_view(s->g, r,
		 (struct view){.name = word ? xasprintf("%s but %s", v->name, word)
					    : xasprintf("%s again", v->name),
			       .mode = v->mode,
			       .mine = v->mine,
			       .only = s->only,
			       .ref = word ? xasprintf("%s%s%s", ref, *ref ? " " : "", word)
					   : v->ref});
}

static bool all_pass(const struct view *v, const char *tests)
{
	for (int i = 0; i < v->count; i++)
		if (list_match(tests, v->results[i].test->id) && v->results[i].state != PASSED)
			return false;
	return true;
}

/* Judge the swaps; the words of those with which the tests pass, each after a blank. */
static char *mended_by(struct search *s, struct report *r)
{
	struct text t = { 0 };

	text_add(&t, "", 0);
	judge_views(&s->g->o, &s->g->c, r->views, r->count, NULL, NULL);
	for (int i = 0; i < r->count; i++) {
		const char *ref = r->views[i]->ref;

		if (all_pass(r->views[i], s->tests))
			text_printf(&t, " %s", strrchr(ref, ' ') ? strrchr(ref, ' ') + 1 : ref);
	}
	return t.s;
}

/* Do the tests pass when nothing is exchanged, but only they are run? */
static bool need_company(struct search *s)
{
	struct report r = { .lab = s->g->lab };

	add_swap(s, &r, NULL);
	judge_views(&s->g->o, &s->g->c, r.views, r.count, NULL, NULL);
	return all_pass(r.views[0], s->tests);
}

/* Swap those exercises of a lab that fail alone, or those that do not. */
static char *swap_exercises(struct search *s, int lab, bool failing)
{
	struct report r = { .lab = s->g->lab };

	for (int i = 0; i < s->g->e.count; i++) {
		const struct exercise *x = &s->g->e.list[i];

		if (x->lab == lab && fails_alone(s->view, x->number) == failing)
			add_swap(s, &r, x->number);
	}
	return mended_by(s, &r);
}

static char *swap_lab(struct search *s, int lab)
{
	char *words = swap_exercises(s, lab, true);

	if (*words)
		return words;
	free(words);
	return swap_exercises(s, lab, false);
}

/* Swap whole older labs; what mends narrows the search to the exercises of that lab. */
static char *swap_labs(struct search *s)
{
	struct report r = { .lab = s->g->lab };
	char *labs, *exercises, word[16];

	for (int lab = 1; lab < s->g->lab; lab++) {
		snprintf(word, sizeof(word), "%d", lab);
		add_swap(s, &r, word);
	}
	labs = mended_by(s, &r);
	if (!*labs)
		return labs;
	exercises = swap_lab(s, atoi(labs));
	return *exercises ? exercises : labs;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static void print_guilty(const struct search *s, const char *words)
{
	struct args a = { 0 };

	args_split(&a, words);
	printf("  blame for %s:\n", s->tests);
	if (!a.n)
		printf("       no single exercise mends it: two are at fault together, or a file "
		       "that is no exercise\n");
	for (int i = 0; i < a.n; i++) {
		const struct exercise *x = exercise_find(&s->g->e, a.v[i]);

		if (x)
			printf("       all is well with the reference's %s: look at %s\n",
			       x->number, x->file);
		else
			printf("       all is well with the reference's lab 0%s: look at labs/%s\n",
			       a.v[i], lab_directory(atoi(a.v[i])));
	}
	args_free(&a);
	fflush(stdout);
}

void find_guilty(struct grading *g, const struct view *v)
{
	struct grading copy = *g;
	struct search s = { .g = &copy, .view = v };
	char *words;

	s.tests = v->broken ? NULL : new_failures(v);
	if (!s.tests)
		return;
	copy.o.only = NULL;	/* these tests, whatever was asked for */
	s.only = s.tests;
	if (need_company(&s))
		s.only = NULL;
	words = strcmp(v->mode, "mine") == 0 ? swap_labs(&s) : swap_lab(&s, v->lab);
	print_guilty(&s, words);
	free(words);
	free(s.tests);
}
