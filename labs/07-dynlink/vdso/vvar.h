/*
 * The page that the kernel shows to every process right below the vDSO, read-only: what is
 * needed to tell the time without a system call. It changes when the clock is set.
 *
 * Readers take `sequence`, read, and read it again: odd, or changed, means that the kernel was
 * writing meanwhile, and they start over.
 */
#pragma once

#include "common/types.h"

struct vvar {
	u32 sequence;
	u32 mult, shift;	/* ns = (tsc - tsc_base) * mult >> shift, on the monotonic clock */
	u64 tsc_base;
	u64 realtime_offset;	/* ns to add for the time since 1970 */
};
