/*
 * Exercise 7.6: a set-user-ID program does not take libraries from where the user says.
 *
 * @host no the labs' linker is not installed as an interpreter there
 * @file /lib/ld-trellis.so BUILD/user/ld-trellis.so
 * @file /lib/trellis BUILD/user
 */
#define _GNU_SOURCE 1
#include "07/ldso_run.h"

#define ENV	"LD_LIBRARY_PATH=/lib/trellis/place/env"

/* As user 1000, the program finds libplace.so in the directory of this letter. */
static void place_as_user(const char *program, char letter)
{
	char want[] = "place: ?\n";
	int status = 0;
	pid_t child;

	want[7] = letter;
	child = (pid_t)UT_OK(fork());
	if (child == 0) {
		struct run r;

		UT_EQ(setuid(1000), 0);
		ldso_run(&r, program, NULL, ENV);
		ldso_expect(&r, program, 0, want);
		_exit(0);
	}
	UT_EQ(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		_exit(1);	/* the child has said why */
	UT_EQ(status, 0);
}

UTEST(ldso_secure, "7.6", 1, "a set-user-ID program ignores LD_LIBRARY_PATH")
{
	static const char program[] = "/lib/trellis/where-runpath";

	place_as_user(program, 'E');
	UT_OK(chmod(program, 04755));
	place_as_user(program, 'D');	/* and $ORIGIN: where-runpath's own place would be U */
	UT_OK(chmod(program, 0755));
	place_as_user(program, 'E');
}

UTEST_MAIN(ldso_secure)
