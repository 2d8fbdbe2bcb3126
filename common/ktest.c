/*
 * The runner of in-kernel tests: selects, runs and reports them in KTAP, the kernel's Test
 * Anything Protocol (Documentation/dev-tools/ktap.rst in Linux), on the second serial port.
 *
 * The stream is
 *
 *	KTAP version 1 NONCE
 *	1..2
 *	# start 1 buddy_split		so that the grader knows whom to blame for a crash
 *	ok 1 buddy_split
 *	# start 2 buddy_merge
 *	not ok 2 buddy_merge # grader/ktest/01/buddy.c:12: frame_refs(p): expected 1, got 2
 *	# end NONCE
 *
 * Lines are written whole. "# blank 1.2" may come between them (exercise.c).
 */
#include "common/ktest.h"

#include "common/cmdline.h"
#include "common/console.h"
#include "common/panic.h"
#include "common/printk.h"
#include "common/types.h"

CMDLINE_WORD(ktap, "ktap");
CMDLINE_WORD(ktest, "ktest");
CMDLINE_WORD(ktest_after, "ktest_after");
CMDLINE_WORD(ktest_silent, "ktest_silent");

#define MAX_LINE	512

static char failure[MAX_LINE];	/* of the running test; "" while none */
static bool failed;

bool ktap_active(void)
{
	return cmdline_has("ktap") && serial2_present();
}

void ktap_blank(const char *id)
{
	if (!ktap_active() || cmdline_has("ktest_silent"))
		return;
	serial2_write("\n# blank ", 9);
	serial2_write(id, strlen(id));
	serial2_write("\n", 1);
}

/* One line of the stream; on the console if the grader does not listen. */
static void __printf(1, 2) ktap_line(const char *fmt, ...)
{
	char line[MAX_LINE + 128];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = (size_t)vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	line[n] = '\0';
	if (ktap_active())
		serial2_write(line, n);
	else
		printk("%s", line);
}

/* ---- selection ----------------------------------------------------------------------------- */

/* Does the text match the pattern of n characters, where * and ? are wildcards? */
static bool glob_match(const char *pattern, size_t n, const char *text)
{
	for (; n > 0; pattern++, n--, text++) {
		if (*pattern == '*') {
			for (;; text++) {
				if (glob_match(pattern + 1, n - 1, text))
					return true;
				if (!*text)
					return false;
			}
		}
		if (!*text || (*pattern != '?' && *pattern != *text))
			return false;
	}
	return !*text;
}

static bool list_matches(const char *list, const struct ktest *t)
{
	while (*list) {
		const char *comma = strchr(list, ',');
		size_t n = comma ? (size_t)(comma - list) : strlen(list);

		if (glob_match(list, n, t->id) || glob_match(list, n, t->exercise))
			return true;
		list += n + (comma != NULL);
	}
	return false;
}

/*
 * Call fn for the selected tests, in order; returns their number. Link order is the same in every
 * boot of one kernel, which `ktest_after` relies on.
 */
static int for_each_selected(void (*fn)(const struct ktest *t, int number))
{
	const char *list = cmdline_get("ktest"), *after = cmdline_get("ktest_after");
	const struct ktest *t;
	int n = 0;

	linkset_for_each(ktests, const struct ktest, t) {
		if (after) {
			if (strcmp(t->id, after) == 0)
				after = NULL;
			continue;
		}
		if (list && *list && !list_matches(list, t))
			continue;
		n++;
		if (fn)
			fn(t, n);
	}
	return n;
}

/* ---- running ------------------------------------------------------------------------------- */

static int failures;

static void run_one(const struct ktest *t, int number)
{
	WRITE_ONCE(failed, false);
	failure[0] = '\0';
	ktap_line("# start %d %s", number, t->id);
	t->fn();
	if (!ktest_failed() && exercise_is_blank(t->exercise) && !cmdline_has("ktest_silent"))
		ktest_fail(t->file, 0, "exercise %s is still blank", t->exercise);
	if (ktest_failed()) {
		failures++;
		ktap_line("not ok %d %s # %s", number, t->id, failure);
	} else {
		ktap_line("ok %d %s", number, t->id);
	}
}

void ktest_run(void)
{
	const struct ktest *t;
	const char *nonce = cmdline_get("ktap");
	int linked = 0;

	linkset_for_each(ktests, const struct ktest, t)
		linked++;
	if (!linked || !cmdline_has("ktest"))
		return;
	if (!nonce)
		nonce = "";
	ktap_line("KTAP version 1 %s", nonce);
	ktap_line("1..%d", for_each_selected(NULL));
	for_each_selected(run_one);
	ktap_line("# end %s", nonce);
	console_flush();
	machine_exit(failures ? EXIT_FAILURE_CODE : EXIT_SUCCESS_CODE);
}

void ktap_user_begin(void)
{
	ktap_line("KTAP version 1 %s", cmdline_get("ktap"));
}

void ktap_user_end(int status)
{
	if (!ktap_active())
		return;
	ktap_line("# end %s", cmdline_get("ktap"));
	console_flush();
	machine_exit(status ? EXIT_FAILURE_CODE : EXIT_SUCCESS_CODE);
}

/* ---- assertions ---------------------------------------------------------------------------- */

bool ktest_failed(void)
{
	return READ_ONCE(failed);
}

void ktest_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (__atomic_exchange_n(&failed, true, __ATOMIC_SEQ_CST))
		return;
	n = snprintf(failure, sizeof(failure), "%s:%d: ", file, line);
	va_start(ap, fmt);
	vsnprintf(failure + n, sizeof(failure) - (size_t)n, fmt, ap);
	va_end(ap);
	for (char *p = failure; *p; p++)
		if (*p == '\n')
			*p = ' ';
}

/* Small numbers read best in decimal, addresses in hexadecimal. */
static const char *number_text(char buf[24], s64 v)
{
	bool small = v > -100000 && v < 100000;

	snprintf(buf, 24, small ? "%lld" : "0x%llx", (long long)v);
	return buf;
}

bool ktest_eq(const char *file, int line, const char *what, s64 got, s64 want)
{
	char g[24], w[24];

	if (got == want)
		return true;
	ktest_fail(file, line, "%s: expected %s, got %s", what, number_text(w, want),
		   number_text(g, got));
	return false;
}

bool ktest_streq(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (got && strcmp(got, want) == 0)
		return true;
	ktest_fail(file, line, "%s: expected \"%s\", got \"%s\"", what, want, got ? got : "(null)");
	return false;
}
