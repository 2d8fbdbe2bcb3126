/*
 * grader/progress.c and jobs.c: what is done, what changed, what is next; several views at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "grader/progress.h"
#include "judging.h"

static struct progress before, after;

static void grade(const char *mode)
{
	struct report r = { .lab = 1 };

	report_add(&r, judge(mode));
	progress_free(&before);
	before = after;
	after = (struct progress){ 0 };
	for (int i = 0; i < before.passed.n; i++)
		args_add(&after.passed, before.passed.v[i]);
	for (int i = 0; i < before.failed.n; i++)
		args_add(&after.failed, before.failed.v[i]);
	progress_update(&after, &r);
}

static void print(void *arg)
{
	print_progress(&before, &after, &c, &e, 1);
}

START_TEST(first_time)
{
	char *text;

	grade("fail");
	text = output_of(print, NULL);
	ck_assert_ptr_nonnull(strstr(text, "done       no exercise yet\nnext       exercise 1.1 in "
				     "labs/01-memory/buddy.c\n"));
	ck_assert_ptr_null(strstr(text, "now "));
	ck_assert_ptr_nonnull(strstr(text, "make -C labs/01-memory grade TEST=1.1\n"));
}
END_TEST

START_TEST(changes)
{
	grade("fail");
	grade("good");
	ck_assert_str_eq(output_of(print, NULL), "done       1.1\nnow passes fb\n"
			 "next       the next lab: labs/02-usermode\n");
	grade("silent");
	ck_assert_ptr_nonnull(strstr(output_of(print, NULL), "now fails  fa, fb, fc\n"));
}
END_TEST

START_TEST(some_tests_only)
{
	grade("good");
	o.only = "fb";
	grade("silent");
	o.only = NULL;
	ck_assert_int_eq(after.passed.n, 2);
	ck_assert_int_eq(after.failed.n, 1);
	ck_assert(!progress_done(&after, &c, &e.list[0]));
}
END_TEST

START_TEST(kept_in_a_file)
{
	char *file = xasprintf("%s/last", o.work);
	struct progress p;

	progress_load(&p, file);
	ck_assert_int_eq(p.passed.n + p.failed.n, 0);
	grade("fail");
	ck_assert(progress_save(&after, file));
	ck_assert_str_eq(read_file(file, NULL), "ok fa\nok fc\nnot ok fb\n");
	progress_load(&p, file);
	ck_assert_int_eq(p.passed.n, 2);
	ck_assert_str_eq(p.failed.v[0], "fb");
}
END_TEST

/* ---- several at a time --------------------------------------------------------------------- */

#define VIEWS	5

static int reported;

/* All results of a view are there when it is reported, and the views come in order. */
static void on_done(void *arg, struct view *v)
{
	ck_assert_ptr_eq(((struct view **)arg)[reported++], v);
	for (int i = 0; i < v->count; i++)
		ck_assert_int_ne(v->results[i].state, NOT_RUN);
}

START_TEST(views_in_order)
{
	struct view *views[VIEWS];
	double start = now();

	o.qemu = "sh grader/unit/fake-qemu.sh slow";
	o.jobs = VIEWS;
	for (int i = 0; i < VIEWS; i++)
		views[i] = view_new(&o, &c,
				    (struct view){.name = xasprintf("view %d", i),
						  .lab = 1,
						  .mode = "reference",
						  .alone = "1.1"});
	reported = 0;
	judge_views(&o, &c, views, VIEWS, on_done, views);
	o.jobs = 0;
	ck_assert_int_eq(reported, VIEWS);
	for (int i = 0; i < VIEWS; i++)
		ck_assert_int_eq(view_failed(views[i]), 0);
	/* Each takes half a second. */
	ck_assert(now() - start < VIEWS * 0.5);
}
END_TEST

START_TEST(no_boots_after_a_hang)
{
	struct view *v = view_new(&o, &c, (struct view){ .name = xstrdup("lab"), .lab = 1,
							  .mode = "reference", .mine = "1" });

	o.qemu = "sh grader/unit/fake-qemu.sh hang-all";
	judge_views(&o, &c, &v, 1, NULL, NULL);
	ck_assert_int_eq(v->results[0].symptom, SYMPTOM_HANG);
	ck_assert_int_eq(v->results[1].symptom, SYMPTOM_HANG);
	ck_assert_int_eq(v->results[2].symptom, SYMPTOM_NOT_RUN);
}
END_TEST

static Suite *progress_suite(void)
{
	Suite *s = suite_create("progress");
	TCase *t = tcase_create("progress");

	tcase_add_checked_fixture(t, judging_setup, judging_teardown);
	tcase_add_test(t, first_time);
	tcase_add_test(t, changes);
	tcase_add_test(t, some_tests_only);
	tcase_add_test(t, kept_in_a_file);
	tcase_add_test(t, views_in_order);
	tcase_add_test(t, no_boots_after_a_hang);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(progress_suite);
