/*
 * When memory is gone for good.
 */
#pragma once

#include "common/types.h"

/*
 * Kill the process that uses most memory (not init) and give it time to die. Called from a page fault, without
 * locks. False if there is nobody to kill: then init is the culprit, and that is a panic.
 */
bool oom_kill(void);
