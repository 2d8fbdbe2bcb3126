/*
 * Runs all suites; with CK_FORK each test is a process of its own, so a sanitizer's report
 * fails that test alone. The last line is "N passed, N failed".
 */
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

extern const suite_fn __start_unit_suites[] __attribute__((weak));
extern const suite_fn __stop_unit_suites[] __attribute__((weak));

int main(void)
{
	SRunner *r = srunner_create(NULL);
	int failed, run;

	for (const suite_fn *s = __start_unit_suites; s < __stop_unit_suites; s++)
		srunner_add_suite(r, (*s)());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	run = srunner_ntests_run(r);
	srunner_free(r);
	printf("unit tests: %d passed, %d failed\n", run - failed, failed);
	return failed != 0;
}
