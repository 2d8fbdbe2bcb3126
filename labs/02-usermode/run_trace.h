/*
 * `trace=N` on the command line: keep the last N thousand events per CPU (which thread runs
 * where, page faults, system calls) in memory, and write them to the debug console when the
 * machine ends. `make trace` turns them into a file for the Perfetto viewer (common/trace.awk).
 *
 * Nothing of it stands on a hot path: faults and INT 0x80 are seen by handlers put in front of
 * the real ones, system calls by WORK_TRACE (03), switches by sched_switch_hook.
 */
#pragma once

#include "common/types.h"

/* Are events being kept? From INITCALL order 31 on. */
bool run_trace_on(void);

/*
 * The current thread begins something (a string constant), or ends what it began last. Any
 * context.
 */
void run_trace_begin(const char *what, u64 value);
void run_trace_end(u64 value);
