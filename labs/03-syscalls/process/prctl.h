/*
 * prctl(2): operations of all modules, linker set "prctls". fn gets the call's arguments 2 to 5 and
 * returns the call's result.
 */
#pragma once

#include "common/linkset.h"

struct prctl_op {
	int option;
	long (*fn)(int option, u64 a2, u64 a3, u64 a4, u64 a5);
};
#define PRCTL(ident, option, fn)						\
	static LINKSET(prctls, 50, const struct prctl_op, prctl_##ident) = { option, fn }
