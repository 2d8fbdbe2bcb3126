/*
 * Setting up the clock; used by this lab's start-up code only (others: timer.h).
 */
#pragma once

#include "common/types.h"

/* Measure the TSC, read the CMOS clock. Boot CPU, interrupts off, about 10 ms. */
void clock_init(void);
