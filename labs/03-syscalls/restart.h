/*
 * Calls that must remember something to be continued after an interruption, such as how long a
 * nanosleep still has to sleep: they note a function and return -ERESTART_RESTARTBLOCK, and
 * restart_syscall(2) calls the function.
 */
#pragma once

#include "common/types.h"

struct restart_block {
	long (*fn)(struct restart_block *r);	/* NULL: nothing to continue (-EINTR) */
	u64 arg[6];				/* fn's own */
};

/*
 * The current thread's block, for fn to continue the call; the caller fills arg and returns
 * -ERESTART_RESTARTBLOCK. NULL if memory is short: return -EINTR then. May sleep.
 */
struct restart_block *restart_block_new(long (*fn)(struct restart_block *r));
