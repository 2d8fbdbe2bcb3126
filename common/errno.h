/*
 * Error numbers: Linux's, from asm-generic/errno-base.h and errno.h. Functions
 * return them negative; pointers carry them in the last page of addresses.
 */
#pragma once

#include "common/types.h"
#include "common/abi/errno.h"

/*
 * Never seen by user programs: how an interrupted system call is to go on
 * (Linux: include/linux/errno.h).
 */
#define ERESTARTSYS		512	/* restart if the handler has SA_RESTART, else EINTR */
#define ERESTARTNOINTR		513	/* restart always */
#define ERESTARTNOHAND		514	/* restart if no handler ran, else EINTR */
#define ERESTART_RESTARTBLOCK	516	/* restart by restart_syscall(2), else EINTR */

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return (u64)p >= (u64)-4095L;
}
