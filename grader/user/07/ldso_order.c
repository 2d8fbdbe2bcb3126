/*
 * Exercise 7.6: which libraries are loaded, from where, and the order of constructors and
 * destructors; by the programs order, circle, where-* and via-*.
 *
 * @file /lib/ld-trellis.so BUILD/user/ld-trellis.so
 * @file /lib/trellis BUILD/user
 */
#define _GNU_SOURCE 1
#include "07/ldso_run.h"

/* order needs p and q, p needs r, q needs r and s, s needs p; who() is defined in q and r. */
static void run_order(struct run *r, char constructors[128], char destructors[128])
{
	ldso_run(r, "order", NULL, NULL);
	ldso_expect(r, "order", 0, "constructors: ");
	ldso_line(r, "constructors: ", constructors);
	ldso_line(r, "destructors: ", destructors);
}

UTEST(ldso_breadth_first, "7.6", 2, "what a program needs is searched before what its libraries need")
{
	char c[128], d[128];
	struct run r;

	run_order(&r, c, d);
	ldso_expect(&r, "order", 0, "who: q\n");
}

UTEST(ldso_once, "7.6", 1, "a library that two others need is loaded and set up once")
{
	char c[128], d[128];
	struct run r;

	run_order(&r, c, d);
	UT_MSG(strchr(c, 'r') && strchr(c, 'r') == strrchr(c, 'r'),
	       "expected one r among the constructors, got \"%s\"", c);
	UT_MSG(strchr(d, 'r') && strchr(d, 'r') == strrchr(d, 'r'),
	       "expected one r among the destructors, got \"%s\"", d);
}

/* a stands before b in the line. */
static void before(const char *line, char a, char b)
{
	UT_MSG(strchr(line, a) && strchr(line, b) && strchr(line, a) < strchr(line, b),
	       "expected %c before %c, got \"%s\"", a, b, line);
}

UTEST(ldso_constructors, "7.6", 2, "constructors: pre-initialisation, then libraries before those that need them")
{
	char c[128], d[128];
	struct run r;

	run_order(&r, c, d);
	UT_EQ(strlen(c), 7);
	UT_EQ(c[0], '^');
	before(c, 'r', 'P');
	before(c, 'P', 'p');
	before(c, 'r', 'q');
	before(c, 's', 'q');
	before(c, 'p', 's');
	UT_EQ(c[6], 'm');
}

UTEST(ldso_destructors, "7.6", 1, "destructors run in the reverse order of constructors")
{
	char c[128], d[128], reverse[128] = "";
	struct run r;

	run_order(&r, c, d);
	UT_EQ(strlen(c), 7);
	for (int i = 0; i < 6; i++)
		reverse[i] = c[6 - i];
	UT_STREQ(d, reverse);
}

UTEST(ldso_circle, "7.6", 1, "libraries that need each other are set up once")
{
	char c[128], d[128];
	struct run r;

	ldso_run(&r, "circle", NULL, NULL);
	ldso_expect(&r, "circle", 0, "constructors: ^");
	ldso_line(&r, "constructors: ", c);
	ldso_line(&r, "destructors: ", d);
	UT_EQ(strlen(c), 4);
	before(c, 'x', 'm');
	before(c, 'y', 'm');
	UT_EQ(strlen(d), 3);
}

/* The program finds libplace.so in the directory of this letter; or not at all if it is 0. */
static void place(const char *program, const char *env, char letter)
{
	char want[] = "place: ?\n";
	struct run r;

	want[7] = letter;
	ldso_run(&r, program, NULL, env);
	if (letter)
		ldso_expect(&r, program, 0, want);
	else
		ldso_expect(&r, program, 127, "libplace.so");
}

static const char *library_path(void)
{
	static char env[PATH_MAX + 64];

	snprintf(env, sizeof(env), "LD_LIBRARY_PATH=/nowhere:%s/place/env", ldso_dir());
	return env;
}

UTEST(ldso_runpath, "7.6", 2, "DT_RUNPATH comes behind LD_LIBRARY_PATH, and serves its own object only")
{
	place("where-runpath", NULL, 'U');
	place("where-runpath", library_path(), 'E');
	place("via-runpath", library_path(), 'E');
	/* Without it, what is left are the default directories, of which the host has none. */
	place("via-runpath", NULL, in_trellis() ? 'D' : 0);
}

UTEST(ldso_rpath, "7.6", 2, "DT_RPATH comes before LD_LIBRARY_PATH, and serves what its object loads")
{
	place("where-rpath", NULL, 'R');
	place("where-rpath", library_path(), 'R');
	place("via-rpath", NULL, 'R');
	place("via-rpath", library_path(), 'R');
}

UTEST_MAIN(ldso_breadth_first, ldso_once, ldso_constructors, ldso_destructors, ldso_circle,
	   ldso_runpath, ldso_rpath)
