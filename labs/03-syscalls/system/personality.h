/* The current thread's personality(2): ADDR_NO_RANDOMIZE and the like. */
#pragma once

#include "common/types.h"

u32 personality(void);
