/*
 * Lab 03 as a user program sees it: the most basic calls. Also what shows that the
 * grader's way into user mode works.
 */
#include "ktap_user.h"

UTEST(null_calls, "3.0", 0, "getpid, getppid and an unknown number answer as on Linux")
{
	long pid = syscall0(39);

	UT_ASSERT(pid > 0);
	UT_ASSERT(syscall0(110) > 0);
	UT_EQ(syscall1(999, 0), -38);
}

UTEST_MAIN(null_calls)
