/* Resource limits beside rlimit() (03-syscalls/cred.h): for exec and the limit on CPU time. */
#pragma once

#include "common/abi/resource.h"
#include "02-usermode/process.h"

/* Copy p's limits on memory into mm, which p is about to use, or alone again. */
void limits_apply(struct process *p, struct mm *mm);
/* Change p's soft limit, whatever the hard one is. Any context; takes a lock of RANK_LEAF. */
void limits_set_soft(struct process *p, int resource, u64 value);

/* p has got another RLIMIT_CPU: 06 watches its CPU time. NULL: nobody does. */
extern void (*cpu_limit_changed)(struct process *p);
