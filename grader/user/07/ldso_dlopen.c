/*
 * Exercise 7.8: thread-local storage and dlopen(), by the programs tls and plugger.
 *
 * @file /lib/ld-trellis.so BUILD/user/ld-trellis.so
 * @file /lib/trellis BUILD/user
 */
#define _GNU_SOURCE 1
#include "07/ldso_run.h"

UTEST(ldso_tls_layout, "7.8", 2, "static blocks of program and libraries do not overlap, and are aligned")
{
	ldso_check("tls", "layout", NULL);
}

UTEST(ldso_tls_threads, "7.8", 2, "each thread has variables of its own, with their initial values")
{
	ldso_check("tls", "threads", NULL);
}

UTEST(ldso_tls_dynamic, "7.8", 2, "a library from dlopen() has variables in each thread, older or younger than it")
{
	ldso_check("plugger", "tls", NULL);
	ldso_check("plugger", "threads", NULL);
}

UTEST(ldso_dlclose, "7.8", 2, "the last dlclose() runs the destructors; circles and bound users are minded")
{
	ldso_check("plugger", "close", NULL);
	ldso_check("plugger", "circle", NULL);
	ldso_check("plugger", "bound", NULL);
	ldso_check("plugger", "nodelete", NULL);
}

UTEST(ldso_unload, "7.8", 1, "what nobody uses is unmapped; a hundred times")
{
	ldso_check("plugger", "unload", NULL);
}

UTEST(ldso_global, "7.8", 1, "only RTLD_GLOBAL lets other libraries see a library's symbols")
{
	ldso_check("plugger", "global", NULL);
}

UTEST(ldso_next, "7.8", 1, "RTLD_NEXT finds the definition behind the caller's")
{
	ldso_check("plugger", "next", NULL);
}

UTEST(ldso_default, "7.8", 1, "RTLD_DEFAULT and the program's handle find what the program would use")
{
	ldso_check("plugger", "default", NULL);
}

/* ---- given code that builds on it ---- */

UTEST(ldso_dlopen, "7.8", 0, "dlopen() loads a library, and tells why it cannot")
{
	ldso_check("plugger", "open", NULL);
	ldso_check("plugger", "errors", NULL);
}

UTEST(ldso_dlvsym, "7.8", 0, "dlsym() finds the default version, dlvsym() the one that is named")
{
	ldso_check("plugger", "version", NULL);
}

UTEST(ldso_turmoil, "7.8", 0, "three threads load and unload at the same time")
{
	ldso_check("plugger", "turmoil", NULL);
}

UTEST_MAIN(ldso_tls_layout, ldso_tls_threads, ldso_tls_dynamic, ldso_dlclose, ldso_unload, ldso_global,
	   ldso_next, ldso_default, ldso_dlopen, ldso_dlvsym, ldso_turmoil)
