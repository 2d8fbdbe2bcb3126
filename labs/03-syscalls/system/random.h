/*
 * Random numbers fit for keys: what getrandom(2) and /dev/urandom give.
 */
#pragma once

#include "common/types.h"

/* Fill buf with n random bytes. Any context except interrupts; never fails, never sleeps. */
void random_bytes(void *buf, size_t n);
u64 random_u64(void);
/* Mix n bytes, known or unknown to an attacker, into the generator. */
void random_add(const void *buf, size_t n);
