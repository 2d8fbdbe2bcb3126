/*
 * grader/judge.c and run.c against kernels that misbehave, played by fake-qemu.sh: who gets the
 * blame, and that nothing false earns points. Also what the reports write.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judging.h"

/* The expected outcome of fa, fb, fc ('+' passed, '-' failed) and a part of fb's message. */
static const struct {
	const char *mode, *outcome, *message;
} cases[] = {
	{ "good", "+++", NULL },
	{ "fail", "+-+", "expected 1, got 2" },
	{ "panic", "+-+", "panicked (panic: page fault at 0x8)" },
	{ "reboot", "+-+", "triple fault" },
	{ "reboot-asked", "+-+", "it was told to" },
	{ "poweroff", "+-+", "powered itself off" },
	{ "exit-0", "+-+", "rebooted or powered off" },
	{ "hang", "+-+", "hung (no progress" },
	{ "spin", "+-+", "hung (no progress" },
	{ "slow-flood", "+-+", "flooded" },
	{ "early-success", "+-+", "before all tests" },
	{ "flood", "---", "flooded" },
	{ "silent", "---", "before all tests" },
	{ "hang-boot", "---", "before the tests began" },
	{ "panic-boot", "---", "panic: no memory" },
	{ "forged-console", "---", "printed results by itself: \"ok 1 fa\"" },
	{ "forged-stream", "---", "forged or damaged, a result out of turn" },
	{ "wrong-nonce", "---", "nonce" },
	{ "no-plan", "---", "before all tests" },
	{ "blank", "---", "exercise 1.1 is still blank" },
	{ "twice", "---", "second result" },
	{ "unstarted", "---", "out of turn" },
	{ "unknown", "---", NULL },
	{ "stranger", "---", "not KTAP" },
	{ "lying-exit", "---", "although no test failed" },
	{ "zero-exit", "---", "rebooted or powered off" },
	{ "qemu-error", "---", "no such machine" },
};

START_TEST(misbehaviour)
{
	struct view *v = judge(cases[_i].mode);
	int points = 0;

	ck_assert_int_eq(v->count, 3);
	for (int i = 0; i < 3; i++) {
		bool passed = cases[_i].outcome[i] == '+';

		ck_assert_msg((v->results[i].state == PASSED) == passed, "%s: %s: %s",
			      cases[_i].mode, v->results[i].test->id, v->results[i].message);
		points += passed ? v->results[i].test->points : 0;
	}
	ck_assert_int_eq(view_points(v), points);
	if (cases[_i].message)
		ck_assert_msg(strstr(v->results[1].message, cases[_i].message) != NULL,
			      "%s: message is %s", cases[_i].mode, v->results[1].message);
}
END_TEST

START_TEST(only_selects)
{
	struct view *v;

	o.only = "fa,fc";
	v = view_new(&o, &c, (struct view){ .name = "x", .lab = 1, .mode = "reference" });
	o.only = NULL;
	ck_assert_int_eq(v->count, 2);
	ck_assert_str_eq(v->results[1].test->id, "fc");
}
END_TEST

START_TEST(reports)
{
	struct report r = { .lab = 1 };
	char *path, *text;
	json_t *j;

	report_add(&r, judge("fail"));
	report_write(&r, &e, o.work);
	path = xasprintf("%s/results.tap", o.work);
	text = read_file(path, NULL);
	ck_assert_ptr_nonnull(strstr(
		text,
		"1..3\nok 1 - exercise 1.1 alone: fa\nnot ok 2 - exercise 1.1 alone: fb\n# x.c:3"));
	path = xasprintf("%s/results.xml", o.work);
	text = read_file(path, NULL);
	ck_assert_ptr_nonnull(strstr(text, "tests=\"3\" failures=\"1\""));
	ck_assert_ptr_nonnull(strstr(
		text,
		"<failure message=\"x.c:3: expected 1, got 2\">\n       expected   second\n"));
	path = xasprintf("%s/results.json", o.work);
	j = json_load_file(path, 0, NULL);
	ck_assert_ptr_nonnull(j);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "score")), 5);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "tests")), 3);
}
END_TEST

static Suite *judge_suite(void)
{
	Suite *s = suite_create("judge");
	TCase *t = tcase_create("judge");

	tcase_add_checked_fixture(t, judging_setup, judging_teardown);
	tcase_add_loop_test(t, misbehaviour, 0, ARRAY_SIZE(cases));
	tcase_add_test(t, only_selects);
	tcase_add_test(t, reports);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(judge_suite);
