/*
 * grader/catalogue.c and exercises.c: declarations, directives, and the rules about points.
 */
#include <string.h>

#include "grader/catalogue.h"
#include "unit.h"

static struct catalogue c;
static struct text errors;

static void setup(void)
{
	memset(&c, 0, sizeof(c));
	memset(&errors, 0, sizeof(errors));
}

static void scan(const char *text, int lab)
{
	catalogue_scan(&c, "KTEST", text, "f.c", lab, NULL, &errors);
}

START_TEST(reads_declarations)
{
	scan("/*\n *\tKTEST(no, \"1.1\", 1, \"in a comment\")\n */\n"
	     "KTEST(one, \"1.2\", 4, \"a title\")\n{\n\tKTEST_EQ(1, 1);\n}\n"
	     "KTEST(two, \"1.3\",\n      10, \"a \\\"long\\\" \"\n      \"title, (with) "
	     "commas\")\n{\n}\n"
	     "KTEST_SOMETHING(x)\n",
	     1);
	ck_assert_ptr_null(errors.s);
	ck_assert_int_eq(c.count, 2);
	ck_assert_str_eq(c.tests[0].id, "one");
	ck_assert_int_eq(c.tests[0].line, 4);
	ck_assert_str_eq(c.tests[1].exercise, "1.3");
	ck_assert_int_eq(c.tests[1].points, 10);
	ck_assert_str_eq(c.tests[1].title, "a \"long\" title, (with) commas");
	ck_assert_int_eq(catalogue_points(&c, 1, NULL), 14);
	ck_assert_int_eq(catalogue_points(&c, 1, "1.2"), 4);
	ck_assert_int_eq(catalogue_points(&c, 2, NULL), 0);
}
END_TEST

START_TEST(refuses_bad_declarations)
{
	scan("KTEST(one, \"1.2\", 4, \"a\")\nKTEST(one, \"1.2\", 4, \"again\")\n", 1);
	ck_assert_ptr_nonnull(strstr(errors.s, "another test one"));
	scan("KTEST(three, \"1.2\", POINTS, \"a\")\n", 1);
	ck_assert_ptr_nonnull(strstr(errors.s, "f.c:1: cannot read"));
	ck_assert_int_eq(c.count, 2);
}
END_TEST

START_TEST(reads_directives)
{
	struct boot_config b = { 0 };

	config_parse(&b, "/*\n * Text with mail@address.\n * @append norandmaps quiet\n"
		     " * @append more\n *\t@disk 16M -b 1024\n * @file /bin/x /usr/bin/x\n"
		     " * @link /bin/y x\n * @timeout 60\n * @host no it needs root\n */\n", "f.c",
		     &errors);
	ck_assert_ptr_null(errors.s);
	ck_assert_str_eq(b.append, "norandmaps quiet more");
	ck_assert_str_eq(b.disk, "16M -b 1024");
	ck_assert_int_eq(b.files.n, 2);
	ck_assert_str_eq(b.files.v[1], "/usr/bin/x");
	ck_assert_str_eq(b.links.v[0], "/bin/y");
	ck_assert_int_eq(b.timeout, 60);
	ck_assert_str_eq(b.host_no, "it needs root");
	config_parse(&b, " * @fiel /a /b\n", "f.c", &errors);
	ck_assert_ptr_nonnull(strstr(errors.s, "@fiel"));
}
END_TEST

static struct exercise list[] = { { "1.1", "labs/01-memory/a.c", 1 },
				  { "1.2", "labs/01-memory/b.c", 1 } };
static const struct exercises exercises = { .list = list, .count = 2 };

START_TEST(points_must_sum)
{
	scan("KTEST(a, \"1.1\", 50, \"t\")\nKTEST(b, \"1.2\", 50, \"t\")\nKTEST(c, \"\", 0, "
	     "\"t\")\n",
	     1);
	catalogue_check(&c, &exercises, &errors);
	ck_assert_ptr_null(errors.s);
	scan("KTEST(d, \"1.2\", 1, \"t\")\n", 1);
	catalogue_check(&c, &exercises, &errors);
	ck_assert_ptr_nonnull(strstr(errors.s, "sum to 101"));
}
END_TEST

START_TEST(exercises_need_tests)
{
	scan("KTEST(a, \"1.1\", 99, \"t\")\nKTEST(b, \"1.3\", 1, \"t\")\n", 1);
	catalogue_check(&c, &exercises, &errors);
	ck_assert_ptr_nonnull(strstr(errors.s, "exercise 1.2"));
	ck_assert_ptr_nonnull(strstr(errors.s, "no exercise 1.3"));
}
END_TEST

START_TEST(globs)
{
	ck_assert(glob_match("buddy_*", "buddy_split"));
	ck_assert(glob_match("*", ""));
	ck_assert(glob_match("a?c*e", "abcde"));
	ck_assert(!glob_match("a?c", "abcd"));
	ck_assert(!glob_match("", "a"));
	ck_assert(list_match("1.2,buddy_*", "buddy_x"));
	ck_assert(list_match("1.*", "1.7"));
	ck_assert(!list_match("1.*", "21.7"));
	ck_assert(list_match(NULL, "x"));
}
END_TEST

static Suite *catalogue_suite(void)
{
	Suite *s = suite_create("catalogue");
	TCase *t = tcase_create("catalogue");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, reads_declarations);
	tcase_add_test(t, refuses_bad_declarations);
	tcase_add_test(t, reads_directives);
	tcase_add_test(t, points_must_sum);
	tcase_add_test(t, exercises_need_tests);
	tcase_add_test(t, globs);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(catalogue_suite);
