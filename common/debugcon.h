/*
 * QEMU's debug console, port 0xe9 (-device isa-debugcon): what is written appears in a file on the
 * host, at once and without waiting. `make memmap` and `make trace` read it.
 */
#pragma once

#include "common/types.h"

/* Is the device there? */
bool debugcon_present(void);
/*
 * Write n bytes; lines of several CPUs do not mix. Any context. Without the device nothing
 * happens.
 */
void debugcon_write(const char *s, size_t n);
