/*
 * common/cmdline.c: what the kernel sees of its command line, and what init gets.
 */
#include <string.h>

#include "unit.h"

#include "kernel_names.h"
#include "common/cmdline.h"
#include "common/string.h"

static const char *got[32];

START_TEST(last_value_counts)
{
	cmdline_parse("console=tty0 quiet console=ttyS0");
	ck_assert_str_eq(cmdline_get("console"), "ttyS0");
	ck_assert_str_eq(cmdline_get("quiet"), "");
	ck_assert_ptr_null(cmdline_get("console="));
	ck_assert_ptr_null(cmdline_get("cons"));
	ck_assert(cmdline_has("quiet"));
	ck_assert(!cmdline_has("root"));
}
END_TEST

START_TEST(numbers)
{
	cmdline_parse("a=12 b=0x10 c=x d= e=3k");
	ck_assert_uint_eq(cmdline_get_u64("a", 7), 12);
	ck_assert_uint_eq(cmdline_get_u64("b", 7), 16);
	ck_assert_uint_eq(cmdline_get_u64("c", 7), 7);
	ck_assert_uint_eq(cmdline_get_u64("d", 7), 7);
	ck_assert_uint_eq(cmdline_get_u64("e", 7), 7);
	ck_assert_uint_eq(cmdline_get_u64("f", 7), 7);
}
END_TEST

START_TEST(dash_equals_underscore)
{
	cmdline_parse("no-timer=1 log_level=2");
	ck_assert_str_eq(cmdline_get("no_timer"), "1");
	ck_assert_str_eq(cmdline_get("log-level"), "2");
}
END_TEST

START_TEST(quotes_protect_spaces)
{
	cmdline_parse("a=\"b c\" \"d=e f\" g");
	ck_assert_str_eq(cmdline_get("a"), "b c");
	ck_assert_str_eq(cmdline_get("d"), "e f");
	ck_assert(cmdline_has("g"));
}
END_TEST

START_TEST(init_gets_the_rest)
{
	cmdline_parse(
		"console=ttyS0 root=/dev/vda single FOO=bar mod.x=1 mitigations=off quiet -- -x "
		"root=/no y");
	ck_assert_int_eq(cmdline_init_args(got, 32), 4);
	ck_assert_str_eq(got[0], "single");
	ck_assert_str_eq(got[1], "-x");
	ck_assert_str_eq(got[2], "root=/no");
	ck_assert_str_eq(got[3], "y");
	ck_assert_int_eq(cmdline_init_env(got, 32), 1);
	ck_assert_str_eq(got[0], "FOO=bar");
	ck_assert_str_eq(cmdline_get("root"), "/dev/vda");
	ck_assert_int_eq(cmdline_init_args(got, 2), 2);
}
END_TEST

START_TEST(too_long_is_cut)
{
	static char line[8192];

	for (size_t i = 0; i < sizeof(line) - 1; i++)
		line[i] = i % 3 == 2 ? ' ' : 'a';
	cmdline_parse(line);
	ck_assert_int_le(cmdline_init_args(got, 32), 32);
	cmdline_parse("");
	ck_assert_int_eq(cmdline_init_args(got, 32), 0);
}
END_TEST

static Suite *cmdline_suite(void)
{
	Suite *s = suite_create("cmdline");
	TCase *t = tcase_create("cmdline");

	tcase_add_test(t, last_value_counts);
	tcase_add_test(t, numbers);
	tcase_add_test(t, dash_equals_underscore);
	tcase_add_test(t, quotes_protect_spaces);
	tcase_add_test(t, init_gets_the_rest);
	tcase_add_test(t, too_long_is_cut);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(cmdline_suite);
