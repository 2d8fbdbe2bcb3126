/*
 * When memory is gone for good.
 */
#pragma once

#include "common/types.h"

/*
 * Kill the process that uses most memory (not init) and give it time to die. Called from a
 * page fault, without locks. If nobody has any, the current process is killed; if that is init,
 * panic.
 */
void oom_kill(void);

/*
 * What /proc/PID/oom_score_adj says of p, -1000 (OOM_NEVER) to 1000 (the first to go); lab 05 sets
 * the function. NULL: 0 for all.
 */
#define OOM_NEVER	(-1000)
struct process;
extern int (*oom_adjustment)(struct process *p);
