/* What the machine is called and how busy it has been; for /proc too. */
#pragma once

#include "common/abi/utsname.h"
#include "common/types.h"

/* A copy of the names. May be called anywhere without spinlocks of rank LEAF. */
void system_names(struct utsname *u);
/* Set the node's or the domain's name, n bytes without terminator: 0 or -EINVAL (too long). */
int system_set_nodename(const char *name, size_t n);
int system_set_domainname(const char *name, size_t n);

/* Load averages over 1, 5 and 15 minutes, with 16 fractional bits. */
void system_load(u64 load[3]);
