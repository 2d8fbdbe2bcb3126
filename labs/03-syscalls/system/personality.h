/* The current thread's personality(2): ADDR_NO_RANDOMIZE and the like. */
#pragma once

#include "common/types.h"

u32 personality(void);

/* Called before the machine ends by reboot(2): lab 05 stops its disks here. May be NULL. */
extern void (*reboot_prepare)(void);
