/*
 * The answers that tests must give to a boot's question (grader/ask.c).
 */
#include <stdlib.h>
#include <string.h>

#include "grader/ask.h"
#include "unit.h"

static struct boot_config config;
static struct job job;

static void setup(void)
{
	struct text errors = { 0 };

	config = (struct boot_config){ 0 };
	config_parse(&config, "@ask asked_test console\n@ask disk_test /a\n", "f.c", &errors);
	ck_assert_ptr_null(errors.s);
	job = (struct job){ .config = &config, .ask = "0123456789abcdef" };
}

/* The published test vector of FNV-1a for "foobar". */
START_TEST(hashes)
{
	char *answer = ask_answer("foo", "bar");

	ck_assert_str_eq(answer, "85944171f73967e8");
	free(answer);
}
END_TEST

START_TEST(who_is_not_asked_owes_nothing)
{
	ck_assert_ptr_null(ask_missing(&job, "another_test", NULL));
}
END_TEST

START_TEST(looks_at_the_console)
{
	char *answer = ask_answer(job.ask, "asked_test");
	char *good = xasprintf("boot\nanswer asked_test %s\n", answer), *missing;

	ck_assert_ptr_null(ask_missing(&job, "asked_test", good));
	missing = ask_missing(&job, "asked_test", "answer asked_test 0000000000000000\n");
	ck_assert_ptr_nonnull(strstr(missing, answer));
	free(missing);
	missing = ask_missing(&job, "asked_test", NULL);
	ck_assert_ptr_nonnull(missing);
	free(missing);
	free(good);
	free(answer);
}
END_TEST

START_TEST(no_disk_no_answer)
{
	char *missing = ask_missing(&job, "disk_test", NULL);

	ck_assert_ptr_nonnull(strstr(missing, "/a"));
	free(missing);
}
END_TEST

static Suite *ask_suite(void)
{
	Suite *s = suite_create("ask");
	TCase *t = tcase_create("ask");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, hashes);
	tcase_add_test(t, who_is_not_asked_owes_nothing);
	tcase_add_test(t, looks_at_the_console);
	tcase_add_test(t, no_disk_no_answer);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(ask_suite);
