/* Resource limits beside rlimit() (03-syscalls/cred.h): what exec needs of them. */
#pragma once

#include "common/abi/resource.h"
#include "02-usermode/process.h"

/* Copy p's limits on memory into mm, which p is about to use. */
void limits_apply(struct process *p, struct mm *mm);
