/*
 * grader/skeleton.awk: from a solution to its blank form; grader/lines.awk: how much that asks for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/util.h"
#include "unit.h"

/* Run a command on a solution; its output, or NULL if it refused. */
static char *run_on(struct args a, const char *solution)
{
	char in[] = "/tmp/skel-XXXXXX", out[] = "/tmp/skel-XXXXXX", *result = NULL;

	ck_assert_int_ge(mkstemp(in), 0);
	ck_assert_int_ge(mkstemp(out), 0);
	ck_assert(write_file(in, solution, strlen(solution)));
	args_add(&a, in);
	if (run_program(a.v, out) == 0)
		result = read_file(out, NULL);
	unlink(in);
	unlink(out);
	return result;
}

static char *skeleton(const char *solution, bool assembly)
{
	struct args a = { 0 };

	args_split(&a, "awk -v name=test -f grader/skeleton.awk -v");
	args_printf(&a, "asm=%d", assembly);
	return run_on(a, solution);
}

/* What lines.awk says of exercise 1.2 in a solution with these lines between its marks. */
static int lines_of(const char *part)
{
	char *text = xasprintf("int f(void)\n{\n	/* EXERCISE 1.2 BEGIN\n	 * blank: return 0; */\n%s"
			       "	/* EXERCISE 1.2 END */\n}\n", part);
	struct args a = { 0 };
	int lines = 0;
	char *out;

	args_split(&a, "awk -f grader/lines.awk");
	out = run_on(a, text);
	ck_assert_ptr_nonnull(out);
	if (*out)
		ck_assert_int_eq(sscanf(strstr(out, "1.2 "), "1.2 %d", &lines), 1);
	return lines;
}

START_TEST(replaces_a_part)
{
	ck_assert_str_eq(skeleton("int f(int a)\n{\n"
				  "\t/* EXERCISE 1.2 BEGIN  blank: (void)a; return 0; */\n"
				  "\treturn a + 1;\n\t/* EXERCISE 1.2 END */\n}\n", false),
			 "int f(int a)\n{\n\t/* EXERCISE 1.2: your code here. */\n"
			 "\texercise_blank(\"1.2\");\n\t(void)a;\n\treturn 0;\n}\n");
}
END_TEST

START_TEST(empty_blank)
{
	ck_assert_str_eq(skeleton("\t/* EXERCISE 1.2 BEGIN  blank: */\n\tx();\n"
				  "\t/* EXERCISE 1.2 END */\n", false),
			 "\t/* EXERCISE 1.2: your code here. */\n\texercise_blank(\"1.2\");\n");
}
END_TEST

START_TEST(drops_toplevel)
{
	ck_assert_str_eq(skeleton("int a;\n\n/* EXERCISE 1.2 BEGIN  blank-toplevel */\nint h;\n"
				  "/* EXERCISE 1.2 END */\n\nint b;\n", false),
			 "int a;\n\nint b;\n");
}
END_TEST

START_TEST(assembly_form)
{
	ck_assert_str_eq(skeleton("f:\n\t/* EXERCISE 2.3 BEGIN  blank: ret */\n\tnop\n"
				  "\t/* EXERCISE 2.3 END */\n", true),
			 "f:\n\t/* EXERCISE 2.3: your code here. */\n"
			 "\tEXERCISE_BLANK_ASM \"2.3\"\n\tret\n");
}
END_TEST

START_TEST(splits_statements_only_outside_parentheses)
{
	ck_assert_str_eq(
		skeleton("/* EXERCISE 1.2 BEGIN\n * blank: for (;;) wait(); return 1; */\nx\n"
			 "/* EXERCISE 1.2 END */\n",
			 false),
		"/* EXERCISE 1.2: your code here. */\nexercise_blank(\"1.2\");\n"
		"for (;;) wait();\nreturn 1;\n");
}
END_TEST

START_TEST(lines)
{
	ck_assert_int_eq(lines_of("	return 1;\n"), 1);
	ck_assert_int_eq(lines_of(""), 0);
	ck_assert_int_eq(lines_of("\n	{\n	}\n	/* a **/ /* b */\n	/*\n	 * c\n	 */\n"), 0);
	ck_assert_int_eq(lines_of("	a();	/* b\n		   c */\n	/* d */ e();\n	f(); /* g */\n"), 3);
}
END_TEST

static const char *const bad[] = {
	"/* EXERCISE 1.2 BEGIN  blank: x; */\n",
	"/* EXERCISE 1.2 END */\n",
	"/* EXERCISE 1.2 BEGIN  blank: x; */\n/* EXERCISE 1.3 END */\n",
	"/* EXERCISE 1.2 BEGIN  blank: x; */\n/* EXERCISE 1.2 END */\n"
	"/* EXERCISE 1.3 BEGIN  blank: x; */\n/* EXERCISE 1.3 END */\n",
	"/* EXERCISE 1.2 BEGIN */\n/* EXERCISE 1.2 END */\n",
	"/* EXERCISE 1 BEGIN  blank: x; */\n/* EXERCISE 1 END */\n",
	"int nothing;\n",
};

START_TEST(refuses_bad_marks)
{
	ck_assert_ptr_null(skeleton(bad[_i], false));
}
END_TEST

static Suite *skeleton_suite(void)
{
	Suite *s = suite_create("skeleton");
	TCase *t = tcase_create("skeleton");

	tcase_add_test(t, replaces_a_part);
	tcase_add_test(t, empty_blank);
	tcase_add_test(t, drops_toplevel);
	tcase_add_test(t, assembly_form);
	tcase_add_test(t, splits_statements_only_outside_parentheses);
	tcase_add_test(t, lines);
	tcase_add_loop_test(t, refuses_bad_marks, 0, ARRAY_SIZE(bad));
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(skeleton_suite);
