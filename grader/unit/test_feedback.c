/*
 * grader/feedback.c, notes.c and report.c: what a student is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judging.h"

/* ---- the block below a failed test --------------------------------------------------------- */

#define COMMANDS(id)								\
	"       run        make -C labs/01-memory grade TEST=" id "\n"		\
	"       debug      make -C labs/01-memory grade-gdb TEST=" id "\n"

static char *block_of(const char *mode)
{
	struct view *v = judge(mode);

	return feedback_block(&e, v, view_find(v, "fb"), false);
}

START_TEST(failed_check)
{
	ck_assert_str_eq(block_of("fail"),
			 "       expected   second\n"
			 "       got        x.c:3: expected 1, got 2\n"
			 "       console    | fb says something\n"
			 "       exercise   1.1 labs/01-memory/buddy.c\n" COMMANDS("fb"));
}
END_TEST

START_TEST(source_of_a_check_comes_last)
{
	struct result r = { .test = &c.tests[1], .state = FAILED,
			    .message = "grader/ktest/01/x.c:12: pages(): expected 1, got 2" };
	char *block = feedback_block(&e, judge("good"), &r, false);

	ck_assert_ptr_nonnull(strstr(block, "got        pages(): expected 1, got 2 "
					    "(grader/ktest/01/x.c:12)\n"));
}
END_TEST

START_TEST(panic)
{
	char *log = xasprintf(
		"       log        %s/log/01-exercise-1.1-alone-kernel-smp1-1.console\n", o.work);
	char *want = xasprintf(
		"       expected   second\n"
		"       got        the kernel panicked on CPU 1: assertion failed: 1 == 2\n"
		"       console    | before\n"
		"       where      0xffffffff80001234\n"
		"                  <- 0xffffffff80002000\n"
		"       hint       somebody cannot count\n"
		"       exercise   1.1 labs/01-memory/buddy.c\n%s" COMMANDS("fb"),
		log);

	ck_assert_str_eq(block_of("panic-kernel"), want);
}
END_TEST

/* Each way to go wrong, and a part of the advice for it. */
static const struct {
	const char *mode, *advice;
} advised[] = {
	{ "panic", "usually    begin with the first function" },
	{ "spin", "usually    a loop that does not end: its condition" },
	{ "hang", "usually    a loop that does not end, a lock" },
	{ "reboot", "usually    the kernel's half of the page tables" },
	{ "poweroff", "usually    the kernel stopped the machine by itself" },
	{ "early-success", "usually    the kernel stopped the machine by itself" },
	{ "slow-flood", "usually    a message in a loop" },
	{ "forged-stream", "usually    results count only from the grader's tests" },
	{ "forged-console", "usually    results count only from the grader's tests" },
	{ "qemu-error", "try make doctor" },
};

START_TEST(advice)
{
	char *block = block_of(advised[_i].mode);
	int lines = 0;

	ck_assert_msg(strstr(block, advised[_i].advice) != NULL, "%s:\n%s", advised[_i].mode,
		      block);
	for (const char *p = block; *p; p++)
		lines += *p == '\n';
	ck_assert_int_le(lines, 25);
}
END_TEST

START_TEST(terminal_is_safe)
{
	struct result r = { .test = &c.tests[1], .state = FAILED, .message = "m",
			    .console = "\033[2Jgone\r\n\r\n\xff\n" };
	char *block = feedback_block(&e, judge("good"), &r, false);

	ck_assert_ptr_nonnull(strstr(block, "console    | ?[2Jgone\n                  | ?\n"));
	ck_assert_ptr_null(strchr(block, '\033'));
}
END_TEST

START_TEST(last_lines_of_the_console)
{
	struct result r = {
		.test = &c.tests[1],
		.state = FAILED,
		.message = "m",
		.console = "a1\na2\na3\na4\na5\na6\na7\na8\na9\npanic on CPU 0: x\nrip 0\n"};
	char *block = feedback_block(&e, judge("good"), &r, false);

	ck_assert_ptr_null(strstr(block, "| a1\n"));
	ck_assert_ptr_nonnull(strstr(block, "console    | a2\n"));
	ck_assert_ptr_nonnull(strstr(block, "| a9\n"));
	ck_assert_ptr_null(strstr(block, "rip"));
}
END_TEST

START_TEST(commands_of_other_views)
{
	struct result r = { .test = &c.tests[1], .state = FAILED, .message = "m" };
	struct view lab = { .name = "the lab", .lab = 1, .mode = "reference", .mine = "1" };
	struct view all = { .name = "integrated", .lab = 1, .mode = "mine", .ref = "1.2" };
	struct view ref = {
		.name = "x", .lab = 1, .mode = "reference", .mine = "1.1", .counts = true};

	ck_assert_ptr_nonnull(strstr(feedback_block(&e, &lab, &r, false),
		"       run        make -C labs/01-memory grade TEST=fb VIEW=lab\n"));
	ck_assert_ptr_nonnull(strstr(feedback_block(&e, &all, &r, false),
		"make -C labs/01-memory grade-gdb TEST=fb VIEW=integrated REF=\"1.2\"\n"));
	ck_assert_ptr_nonnull(strstr(feedback_block(&e, &ref, &r, false),
		"       run        make grade LAB=01 TEST=fb MINE=\"1.1\"\n"));
}
END_TEST

/* ---- a view -------------------------------------------------------------------------------- */

static void print(void *arg)
{
	print_view(&o, &e, arg);
}

static char *printed(const char *mode)
{
	return output_of(print, judge(mode));
}

static int count_of(const char *text, const char *what)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

START_TEST(one_block_for_one_reason)
{
	char *text = printed("hang-boot");

	ck_assert_int_eq(count_of(text, "expected   "), 1);
	ck_assert_ptr_nonnull(strstr(text, "  FAIL 1.1    0/1   fa\n"));
	ck_assert_ptr_nonnull(strstr(text, "       so also    fb 0/2, fc 0/4\n"));
}
END_TEST

START_TEST(same_reason)
{
	struct result a = { .state = FAILED, .symptom = SYMPTOM_PANIC, .message = "on CPU 0",
			    .where = "f (a.c:1)\n<- g\n" };
	struct result b = a;

	b.message = "on CPU 1";
	b.where = "f (a.c:1)\n<- h\n";
	ck_assert(feedback_same(&a, &b));
	b.where = "f (a.c:12)\n<- g\n";
	ck_assert(!feedback_same(&a, &b));
	b.where = NULL;
	ck_assert(!feedback_same(&a, &b));
	b = a;
	b.symptom = SYMPTOM_RESET;
	ck_assert(!feedback_same(&a, &b));
	b = a;
	b.state = PASSED;
	ck_assert(!feedback_same(&a, &b));
}
END_TEST

START_TEST(blank_in_a_line)
{
	ck_assert_str_eq(printed("blank"), "lab 01-memory: exercise 1.1 alone, -smp 1\n"
			 "  FAIL 1.1  is still blank: labs/01-memory/buddy.c (3 tests)\n");
}
END_TEST

START_TEST(only_new_failures_of_a_later_view)
{
	struct view *alone = judge("fail"), *lab = judge("hang-boot");

	lab->before = alone;
	lab->counts = false;
	ck_assert_int_eq(count_of(output_of(print, lab), "FAIL"), 2);
	ck_assert_ptr_nonnull(strstr(output_of(print, lab), "       so also    fc\n"
				     "  FAIL 1 tests that failed alone too, see above\n"));
}
END_TEST

START_TEST(errors_of_a_build)
{
	struct view *v = judge("good");

	v->broken = true;
	for (int i = 0; i < v->count; i++)
		v->results[i].message = "the kernel does not build\na.c:1: error: x\n    1 | y\n";
	ck_assert_str_eq(output_of(print, v), "lab 01-memory: exercise 1.1 alone, -smp 1\n"
			 "  FAIL all 3 tests: the kernel does not build\n"
			 "       a.c:1: error: x\n           1 | y\n");
}
END_TEST

/* ---- compilers ----------------------------------------------------------------------------- */

START_TEST(errors_without_noise)
{
	char *errors = first_errors(
		"In file included from a.h:1:\n"
		"b.c: In function 'f':\n"
		"b.c:5:9: error: expected ';'\n"
		"    5 |         x\n"
		"      |         ^\n"
		"      |         ;\n"
		"b.c:6:1: warning: unused variable 'y' [-Wunused-variable]\n"
		"    6 | int y;\n"
		"make[1]: *** [common/build.mk:1: x.o] Error 1\n");

	ck_assert_str_eq(errors, "b.c:5:9: error: expected ';'\n    5 |         x\n"
			 "      |         ^\n");
}
END_TEST

START_TEST(errors_of_the_linker)
{
	char root[4096], *log, *errors;

	ck_assert_ptr_nonnull(getcwd(root, sizeof(root)));
	log = xasprintf("ld: x.o: in function `f':\n%s/labs/a.c:3: undefined reference to `g'\n"
			"make: *** [y] Error 1\n", root);
	errors = first_errors(log);
	ck_assert_str_eq(errors, "labs/a.c:3: undefined reference to `g'\n");
}
END_TEST

START_TEST(not_too_many_errors)
{
	struct text t = { 0 };

	for (int i = 0; i < 9; i++)
		text_printf(&t, "a.c:%d: error: no\n", i);
	ck_assert_str_eq(first_errors(t.s), "a.c:0: error: no\na.c:1: error: no\na.c:2: error: no\n"
			 "and 6 more errors\n");
	ck_assert_str_eq(first_errors("\nmake: *** No rule to make target 'x'.  Stop.\n"),
			 "make: *** No rule to make target 'x'.  Stop.\n");
	ck_assert_str_eq(first_errors(""), "");
}
END_TEST

/* ---- exercises ----------------------------------------------------------------------------- */

/* In a directory with a handout and an exercise. */
static void in_course(void)
{
	static const char file[] =
		"/*\n * Exercise 1.1.\n *\n * Goal: count to\n * three.\n * Invariant: two.\n *\n"
		" * When it is wrong: four\n *   or five.\n */\nvoid f(void)\n{\n"
		"\texercise_blank(\"1.1\");\n}\n";
	static const char handout[] =
		"# Lab\n## Exercises\n* **1.2 Other.** x\n### Exercise 1.1: counting\n";

	judging_setup();
	ck_assert_int_eq(chdir(o.work), 0);
	make_directories("labs/01-memory");
	make_directories("solutions/01-memory");
	ck_assert(write_file("labs/01-memory/buddy.c", file, strlen(file)));
	ck_assert(write_file("labs/01-memory/README.md", handout, strlen(handout)));
}

START_TEST(notes)
{
	struct exercise other = { "1.2", "", 1 }, third = { "1.12", "", 1 };

	ck_assert_str_eq(exercise_goal(&e.list[0]), "count to three.");
	ck_assert_str_eq(exercise_symptom(&e.list[0]), "four or five.");
	ck_assert_str_eq(exercise_heading(&e.list[0]), "Exercise 1.1: counting");
	ck_assert_str_eq(exercise_heading(&other), "Exercises");
	ck_assert_ptr_null(exercise_heading(&third));
	ck_assert_ptr_null(exercise_goal(&other));
	ck_assert_str_eq(exercise_handout(&other), "labs/01-memory/README.md");
}
END_TEST

START_TEST(labels_in_the_text)
{
	static const char file[] = "/*\n * Goal: a; b: c. Invariant: d.\n *e. Symptoms when\n "
				   "*wrong: f. Read first: g.\n */\n";

	ck_assert(write_file("labs/01-memory/buddy.c", file, strlen(file)));
	ck_assert_str_eq(exercise_goal(&e.list[0]), "a; b: c.");
	ck_assert_str_eq(exercise_symptom(&e.list[0]), "f.");
}
END_TEST

START_TEST(blanks)
{
	static const char assembly[] = "\tEXERCISE_BLANK_ASM \"1.1\"\n";

	ck_assert(exercise_is_blank(&e.list[0]));
	ck_assert(write_file("labs/01-memory/buddy.c", "", 0));
	ck_assert(!exercise_is_blank(&e.list[0]));
	ck_assert(write_file("labs/01-memory/buddy.c", assembly, strlen(assembly)));
	ck_assert(exercise_is_blank(&e.list[0]));
}
END_TEST

START_TEST(wraps)
{
	struct text t = { 0 };

	add_wrapped(&t, "label ", "one two three four five six seven eight nine ten eleven twelve "
		    "thirteen fourteen fifteen sixteen seventeen", 0);
	ck_assert_str_eq(t.s,
			 "label one two three four five six seven eight nine ten eleven twelve "
			 "thirteen fourteen fifteen\n      sixteen seventeen\n");
	text_free(&t);
	add_wrapped(&t, "label ", "one two three four five six seven eight nine ten eleven twelve "
		    "thirteen fourteen fifteen sixteen seventeen", 1);
	ck_assert_ptr_nonnull(strstr(t.s, " ...\n"));
	ck_assert_uint_le(t.length, 101);
}
END_TEST

static Suite *feedback_suite(void)
{
	Suite *s = suite_create("feedback");
	TCase *t = tcase_create("feedback"), *course = tcase_create("course");

	tcase_add_checked_fixture(t, judging_setup, judging_teardown);
	tcase_add_test(t, failed_check);
	tcase_add_test(t, source_of_a_check_comes_last);
	tcase_add_test(t, panic);
	tcase_add_loop_test(t, advice, 0, ARRAY_SIZE(advised));
	tcase_add_test(t, terminal_is_safe);
	tcase_add_test(t, last_lines_of_the_console);
	tcase_add_test(t, commands_of_other_views);
	tcase_add_test(t, one_block_for_one_reason);
	tcase_add_test(t, same_reason);
	tcase_add_test(t, blank_in_a_line);
	tcase_add_test(t, only_new_failures_of_a_later_view);
	tcase_add_test(t, errors_of_a_build);
	tcase_add_test(t, errors_without_noise);
	tcase_add_test(t, errors_of_the_linker);
	tcase_add_test(t, not_too_many_errors);
	tcase_add_test(t, wraps);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(course, in_course, judging_teardown);
	tcase_add_test(course, notes);
	tcase_add_test(course, labels_in_the_text);
	tcase_add_test(course, blanks);
	suite_add_tcase(s, course);
	return s;
}
UNIT_SUITE(feedback_suite);
