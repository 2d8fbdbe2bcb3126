/*
 * Boot-time initialisers: a linker set run in order on the boot CPU. Each stage's main.c calls
 * run_initcalls() once memory and the console work; what must run earlier
 * is called by name from there.
 */
#pragma once

#include "common/linkset.h"

struct initcall {
	int order;
	const char *name;
	void (*fn)(void);
};

/*
 * Orders (two digits): 10 memory (after the allocators), 20 CPUs, time and scheduler,
 * 30 system-call tables and parts, 40 file system types and VFS, 50 buses,
 * 60 drivers, 70 terminals and character devices, 80 the rest, 90 tests.
 * From 30 on threads exist and an initcall may sleep.
 */
#define INITCALL(order, fn)							\
	static LINKSET(initcalls, order, const struct initcall, initcall_##fn) = { order, #fn, fn }

/* Run the initcalls with from <= order < to. */
void run_initcalls(int from, int to);
