/*
 * Weights, deadlines and late days (grader/course.c).
 */
#include "grader/course.h"
#include "unit.h"

static time_t local_time(int year, int month, int day, int hour, int minute)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
			 .tm_hour = hour, .tm_min = minute, .tm_isdst = -1 };

	return mktime(&tm);
}

START_TEST(reads_lines)
{
	struct course c = COURSE_NONE;

	ck_assert(course_parse_line(&c, "  # a comment"));
	ck_assert(course_parse_line(&c, ""));
	ck_assert(course_parse_line(&c, "03 12.5 2026-10-01T23:59 10 3"));
	ck_assert_double_eq(c.lab[3].weight, 12.5);
	ck_assert_int_eq(c.lab[3].deadline, local_time(2026, 10, 1, 23, 59));
	ck_assert_int_eq(c.lab[3].late_days, 3);
	ck_assert(course_parse_line(&c, "4 10 - 0 0"));
	ck_assert_int_eq(c.lab[4].deadline, 0);
	ck_assert(c.lab[5].weight < 0);
}
END_TEST

START_TEST(refuses_lines)
{
	static const char *const bad[] = {
		"8 10 - 0 0",	     "0 10 - 0 0",	    "1 -1 - 0 0",
		"1 10 tomorrow 0 0", "1 10 2026-10-01 0 0", "1 10 - 101 0",
		"1 10 - 10 -1",	     "1 10 - 10",	    "1 10 - 10 3 more",
	};
	struct course c = COURSE_NONE;

	for (int i = 0; i < (int)ARRAY_SIZE(bad); i++)
		ck_assert_msg(!course_parse_line(&c, bad[i]), "\"%s\" is accepted", bad[i]);
}
END_TEST

START_TEST(counts_late_days)
{
	struct course_lab l = {
		.weight = 20, .deadline = 1000000, .late_percent = 10, .late_days = 3};
	static const struct {
		time_t submitted;
		int days;
		double percent;
	} cases[] = {
		{0, 0, 50},
		{1000000, 0, 50},
		{1000001, 1, 45},
		{1000000 + 86400, 1, 45},
		{1000000 + 86401, 2, 40},
		{1000000 + 3 * 86400, 3, 35},
		{1000000 + 3 * 86400 + 1, 4, 0},
	};

	for (int i = 0; i < (int)ARRAY_SIZE(cases); i++) {
		struct course_grade g = course_grade(&l, 60, 120, cases[i].submitted);

		ck_assert_int_eq(g.days_late, cases[i].days);
		ck_assert_double_eq_tol(g.percent, cases[i].percent, 1e-9);
		ck_assert_double_eq_tol(g.weighted, cases[i].percent / 5, 1e-9);
	}
}
END_TEST

static Suite *course_suite(void)
{
	Suite *s = suite_create("course");
	TCase *t = tcase_create("course");

	tcase_add_test(t, reads_lines);
	tcase_add_test(t, refuses_lines);
	tcase_add_test(t, counts_late_days);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(course_suite);
