/*
 * One run of a program under supervision: a boot in QEMU, or a user test program on the host.
 */
#pragma once

#include "monitor.h"
#include "stream.h"
#include "util.h"

/* What is wrong with a test that failed, for advice. */
enum symptom {
	SYMPTOM_CHECK,		/* the test itself found something */
	SYMPTOM_PANIC,
	SYMPTOM_HANG,
	SYMPTOM_RESET,
	SYMPTOM_POWEROFF,	/* or it asked for a reset */
	SYMPTOM_FLOOD,
	SYMPTOM_FORGED,		/* results that are not the grader's */
	SYMPTOM_ENDED,		/* by itself, too early or with the wrong status */
	SYMPTOM_BLANK,
	SYMPTOM_BUILD,
	SYMPTOM_DISK,		/* e2fsck complains */
	SYMPTOM_NOT_RUN,	/* another test was in the way */
	SYMPTOM_QEMU,		/* the grader or the machine is at fault */
};

struct run {
	/* in */
	struct args argv;	/* in it %console, %ktap and %monitor are replaced */
	bool ktap_is_fd3;	/* the stream comes from descriptor 3 (host); console is 1 and 2 */
	/* Times are the child's (child_clock.h), so that a busy host is nobody's hang. */
	double boot_timeout;	/* seconds until the header */
	double test_timeout;	/* seconds without an event */
	double total_timeout;
	size_t console_limit;	/* bytes; more is a flood */
	const char *console_file;	/* where the console's output is kept; may be NULL */
	char *qemu_file;	/* what QEMU says of resets (-d cpu_reset -D); may be NULL */
	const char *stop_at_blank; /* exercise: end the run as soon as it reports itself blank */
	struct stream *stream;
	/* The machine hangs, floods the console or has reset itself: a look before it is killed. */
	void (*stuck)(void *arg, struct monitor *m);
	void *stuck_arg;

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
		RUN_RESET,	/* killed: the machine was about to start again */
		RUN_POWEROFF,	/* the machine switched itself off */
	} end;
	int status;
	double seconds;
	struct text console;	/* what it printed, up to the limit */
	/*
	 * How long the console was before the last reading of both ports. The ports do not wait for
	 * each other, so what a test prints may be read together with the line that it starts.
	 */
	size_t console_mark;
	struct monitor monitor;
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
/* The same in one word, for a run that has a verdict. */
enum symptom run_symptom(const struct run *r);
