/* Runs the boot-time initialisers (contract in init.h). */
#include "common/init.h"

void run_initcalls(int from, int to)
{
	const struct initcall *c;

	linkset_for_each(initcalls, const struct initcall, c)
		if (c->order >= from && c->order < to)
			c->fn();
}
