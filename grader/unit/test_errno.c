/*
 * labs/03-syscalls/errno_text.c: errors are called what the C library calls them.
 */
#include <string.h>

#include "unit.h"

const char *errno_name(unsigned long error);
const char *errno_text(unsigned long error);

START_TEST(as_the_library)
{
	for (int e = 1; e < 200; e++) {
		const char *name = strerrorname_np(e);

		if (!name) {
			ck_assert_ptr_null(errno_name(e));
			continue;
		}
		ck_assert_str_eq(errno_name(e), name);
		ck_assert_str_eq(errno_text(e), strerror(e));
	}
}
END_TEST

static Suite *errno_suite(void)
{
	Suite *s = suite_create("errno");
	TCase *t = tcase_create("errno");

	tcase_add_test(t, as_the_library);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(errno_suite);
