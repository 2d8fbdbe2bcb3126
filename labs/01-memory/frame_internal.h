/* What frame.c and frame_init.c share: the one buddy allocator of all RAM. */
#pragma once

#include "01-memory/buddy.h"
#include "common/spinlock.h"

extern struct spinlock frame_lock;	/* RANK_FRAME; protects: */
extern struct buddy buddy;
extern u64 frames_managed;		/* ever given to the buddy allocator */
extern u64 frames_reserved;		/* RAM that was not */

/*
 * Allocations that could reclaim instead leave this many frames to those that cannot: page tables
 * under a spinlock, interrupt handlers, the shrinkers themselves.
 */
extern u64 frames_kept;
