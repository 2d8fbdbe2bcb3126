/*
 * The two halves of strace=1: trace.c sees the calls, trace_args.c knows how strace writes
 * arguments.
 */
#pragma once

#include "03-syscalls/syscall.h"

#define TRACE_LINE	320

struct trace_line {
	char text[TRACE_LINE];
	size_t len;
	int args;		/* arguments written so far */
};

/* Append; what does not fit is lost. */
void trace_add(struct trace_line *l, const char *fmt, ...) __printf(2, 3);

/*
 * How many of the call's arguments can be written before it runs: the next one is filled in by
 * it.
 */
int trace_args_before(const struct syscall *s);

/*
 * Write the arguments l->args up to `end`. Those that the call fills in are shown if `result`, what
 * it returned, is not negative. Reads user memory: may sleep.
 */
void trace_args(struct trace_line *l, const struct syscall *s, const struct trapframe *f,
		int end, s64 result);
