/*
 * Exercise 7.7: functions that are bound at their first call, by the programs lazy and lazy-now.
 *
 * @file /lib/ld-trellis.so BUILD/user/ld-trellis.so
 * @file /lib/trellis BUILD/user
 */
#define _GNU_SOURCE 1
#include "07/ldso_run.h"

#include <signal.h>

UTEST(ldso_lazy_slot, "7.7", 3, "a function's word in the PLT's table changes at its first call, and only then")
{
	ldso_check("lazy", "slot", NULL);
}

UTEST(ldso_lazy_missing, "7.7", 2, "a function that does not exist matters only when it is called")
{
	struct run r;

	ldso_check("lazy", "missing", NULL);
	ldso_run(&r, "lazy", "call-missing", NULL);
	ldso_expect(&r, "lazy call-missing", 127, "probe_gone");
}

UTEST(ldso_bind_now, "7.7", 2, "LD_BIND_NOW and -z now bind everything at the start, and the table is read-only")
{
	struct run r;

	ldso_check("lazy", "missing", NULL);
	ldso_check("lazy", "missing", "LD_BIND_NOW=");
	ldso_run(&r, "lazy", "missing", "LD_BIND_NOW=1");
	ldso_expect(&r, "LD_BIND_NOW=1 lazy missing", 127, "probe_gone");
	ldso_check("lazy-now", "now", NULL);
	ldso_run(&r, "lazy", "write", NULL);
	ldso_expect(&r, "lazy write", 3, "");
	ldso_run(&r, "lazy-now", "write", NULL);
	UT_MSG(WIFSIGNALED(r.status) && WTERMSIG(r.status) == SIGSEGV,
	       "lazy-now write: expected SIGSEGV, got wait status 0x%x", r.status);
}

UTEST(ldso_lazy_registers, "7.7", 2, "binding keeps the registers that carry arguments, and the stack pointer")
{
	ldso_check("lazy", "registers", NULL);
}

UTEST(ldso_lazy_vectors, "7.7", 2, "binding keeps the vector registers, though a resolver destroys them")
{
	ldso_check("lazy", "vectors", NULL);
}

UTEST_MAIN(ldso_lazy_slot, ldso_lazy_missing, ldso_bind_now, ldso_lazy_registers, ldso_lazy_vectors)
