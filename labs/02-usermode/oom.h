/*
 * When memory is gone for good.
 */
#pragma once

#include "common/types.h"

/*
 * Kill the process that uses most memory (not init) and give it time to die. Called from a
 * page fault, without locks. If nobody has any, the current process is killed; if that is init, panic.
 */
void oom_kill(void);
