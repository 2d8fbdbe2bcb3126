/*
 * Setting up the clock; used by this lab's start-up code only (others: timer.h).
 */
#pragma once

#include "common/types.h"

/* Measure the TSC, read the CMOS clock. Boot CPU, interrupts off, about 30 ms. */
void clock_init(void);
/* Wait 10 ms by the 8254; returns the TSC before and after. Interrupts off. */
void pit_wait(u64 *tsc_start, u64 *tsc_end);
