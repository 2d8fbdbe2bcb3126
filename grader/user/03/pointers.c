/*
 * Every system call with addresses nobody has.
 * @timeout 60
 * @host no it would try calls that end or disturb the host
 */
#include "ktap_user.h"

/* Every call with addresses nobody has: errors are fine, ending the kernel is not. */
UTEST(bad_pointers, "3.0", 0, "no call takes the kernel down with bad addresses")
{
	static const long bad[] = {8,  0x7ffffffff000 - 1, 0x7ffffffff000, -4096,
				   -1, 0x800000000000,	   -0x800000000000};
	static const short skip[] = {0, 15, 56, 57, 58, 60, 61, 231, 34, 35, 130, 169, 230, 247,
				     435, 436, 219, 3,
				     /* may sleep for ever or end the machine in later labs */
				     7, 23, 128, 202, 232, 270, 271, 281, 48, 62, 200, 234, 161,
				     165, 166, 170, 171, 167, 157, 160, 302, 424};

	for (int n = 0; n < 450; n++) {
		bool skipped = false;

		for (unsigned i = 0; i < sizeof(skip) / sizeof(skip[0]); i++)
			skipped |= skip[i] == n;
		if (skipped)
			continue;
		for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			int status, pid = ut_fork();

			if (pid == 0) {
				syscall6(n, bad[i], bad[i], bad[i], bad[i], bad[i], bad[i]);
				syscall6(n, 0, bad[i], bad[i], bad[i], bad[i], bad[i]);
				syscall6(n, 0, bad[i], 64, bad[i], 64, 0);
				ut_exit(0);
			}
			UT_EQ(ut_waitpid(pid, &status), pid);
		}
	}
}

UTEST_MAIN(bad_pointers)
