/*
 * Checks which version of a function references get: default, old, and base (no version named).
 */
#include "mini.h"

int number(void);
int number_before(void);
__asm__(".symver number_before, number@VERSION_1");
int only_new(void);
int unversioned_number(void);
int unversioned_only_new(void);
int only_future(void);

static int check_default(void)
{
	return number() == 2 && only_new() == 22;
}

static int check_old(void)
{
	return number_before() == 1;
}

static int check_base(void)
{
	return unversioned_number() == 1 && unversioned_only_new() == 22;
}

static const struct mini_check checks[] = {
	{ "default", check_default }, { "old", check_old }, { "base", check_base }, { 0 },
};

int main(int argc, char **argv)
{
#ifdef FUTURE
	if (only_future() != 333)
		return 1;
#endif
	return mini_checks(checks, argc, argv);
}
