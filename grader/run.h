/*
 * One run of a program under supervision: a boot in QEMU, or a user test program on the host.
 */
#pragma once

#include "stream.h"
#include "util.h"

struct run {
	/* in */
	struct args argv;	/* "%console" and "%ktap" become the pipes' names */
	bool ktap_is_fd3;	/* the stream comes from descriptor 3 (host); console is 1 and 2 */
	double boot_timeout;	/* seconds until the header */
	double test_timeout;	/* seconds without an event */
	double total_timeout;
	size_t console_limit;	/* bytes; more is a flood */
	const char *console_file;	/* where the console's output is kept; may be NULL */
	const char *stop_at_blank;	/* exercise: end the run as soon as it reports itself blank */
	struct stream *stream;

	/* out */
	enum run_end {
		RUN_EXITED,	/* by itself, with `status` */
		RUN_SIGNAL,	/* by signal `status` that is not ours */
		RUN_HANG_BOOT,	/* killed: no header in time */
		RUN_HANG_TEST,	/* killed: no event in time */
		RUN_TOO_LONG,	/* killed: total time */
		RUN_FLOOD,	/* killed: too much on the console */
		RUN_PROTOCOL,	/* killed: the stream broke a rule */
		RUN_BLANK,	/* killed: stop_at_blank */
	} end;
	int status;
	double seconds;
	struct text console;	/* what it printed, up to the limit */
};

void run(struct run *r);
void run_free(struct run *r);

/* QEMU's exit status for the codes of common/panic.h. */
#define EXIT_STATUS_SUCCESS	33
#define EXIT_STATUS_FAILURE	35
#define EXIT_STATUS_PANIC	37

/*
 * How the run went, judged by the end, the exit status and the stream together: NULL if all is
 * consistent (complete stream and the exit status that belongs to its results), else one
 * sentence that says what went wrong. `any_failed`: some test of this run was not ok.
 */
char *run_verdict(const struct run *r, bool any_failed);
