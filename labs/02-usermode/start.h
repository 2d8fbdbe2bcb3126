/*
 * From one flow of control to a kernel of threads: what kernel_main() of the labs from 02 on calls.
 */
#pragma once

#include "common/types.h"

/*
 * Start memory (lab 01), the clock, interrupts, the scheduler and all CPUs; run the initcalls; then
 * call main_fn in a kernel thread named "main". The calling context becomes the boot CPU's idle
 * thread.
 */
void kernel_start(void (*main_fn)(void)) __noreturn;
