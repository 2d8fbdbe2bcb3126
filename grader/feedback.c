/*
 * The block below a failed test. Its parts are looked for in what the run left: the message, the
 * test's part of the console with the kernel's own report of a panic, and the places of the CPUs.
 */
#include "feedback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH		100
#define CONSOLE_LINES	8
#define SYMPTOM_LINES	4
#define LABEL(name)	"       " name

/* ---- text ---------------------------------------------------------------------------------- */

/* How many bytes of s go on a line of n columns; breaks at blanks where there are any. */
static size_t line_length(const char *s, size_t n)
{
	size_t length = strlen(s), at = n;

	if (length <= n)
		return length;
	while (at && s[at] != ' ')
		at--;
	return at ? at : n;
}

void add_wrapped(struct text *t, const char *label, const char *text, int lines)
{
	int indent = (int)strlen(label);

	for (int i = 1; *text; i++) {
		size_t n = line_length(text, (size_t)(WIDTH - indent));
		bool last = i == lines && text[n];

		if (last && n > (size_t)(WIDTH - indent - 4))
			n = line_length(text, (size_t)(WIDTH - indent - 4));
		text_printf(t, "%s%*s%.*s%s\n", i == 1 ? label : "", i == 1 ? 0 : indent, "",
			    (int)n, text, last ? " ..." : "");
		if (last)
			return;
		text += n;
		text += strspn(text, " ");
	}
}

/* Each line of a text behind the label or below its end; at most `limit` of them. */
static void add_lines(struct text *t, const char *label, const char *text, int limit)
{
	int indent = (int)strlen(label);

	for (int i = 0; text && *text && i < limit; i++) {
		size_t n = strcspn(text, "\n");

		text_printf(t, "%s%*s%.*s\n", i ? "" : label, i ? indent : 0, "",
			    (int)LEAST(n, (size_t)(WIDTH + 20)), text);
		text += n + (text[n] == '\n');
	}
}

/* ---- the console --------------------------------------------------------------------------- */

static bool is_printable(char c)
{
	return (c >= ' ' && c <= '~') || c == '\t' || c == '\n';
}

/* Behind the last panic message there is nothing of the test's own. */
static size_t console_end(const char *console)
{
	const char *panic = strstr(console, "panic on CPU");

	return panic ? (size_t)(panic - console) : strlen(console);
}

/* The last lines that are not empty, made harmless for a terminal. */
static void add_console(struct text *t, const struct result *r)
{
	char *copy, *lines[CONSOLE_LINES];
	int n = 0, limit = r->symptom == SYMPTOM_FLOOD ? 3 : CONSOLE_LINES;
	const char *label = LABEL("console    ");

	if (!r->console)
		return;
	copy = xstrndup(r->console, console_end(r->console));
	for (char *rest = copy, *line; (line = strsep(&rest, "\n")); ) {
		size_t length = strcspn(line, "\r");

		line[LEAST(length, (size_t)WIDTH - 20)] = '\0';
		if (!line[strspn(line, " \t")])
			continue;
		for (char *p = line; *p; p++)
			if (!is_printable(*p))
				*p = '?';
		if (n == limit)
			memmove(lines, lines + 1, (size_t)--n * sizeof(*lines));
		lines[n++] = line;
	}
	for (int i = 0; i < n; i++)
		text_printf(t, "%s%*s| %s\n", i ? "" : label, i ? (int)strlen(label) : 0, "",
			    lines[i]);
	free(copy);
}

/* What the kernel itself suspects: "hint: ..." is the last line of its panic report. */
static char *panic_hint(const struct result *r)
{
	const char *at = r->console ? strstr(r->console, "\nhint: ") : NULL;

	return at ? xstrndup(at + 7, strcspn(at + 7, "\r\n")) : NULL;
}

/* ---- advice -------------------------------------------------------------------------------- */

static const char *hang_advice(enum stuck stuck)
{
	switch (stuck) {
	case STUCK_IDLE:
		return "everybody sleeps: a wake-up was never sent, or was sent before the sleeper "
		       "was on the queue; or its condition never comes true";
	case STUCK_HALTED:
		return "a CPU was stopped for good, with interrupts off: nothing can wake it";
	case STUCK_LOCK:
		return "a lock that is never released: a return between lock and unlock, or a "
		       "function that takes a lock its caller holds; DEBUG=1 names the lock";
	case STUCK_KERNEL:
		return "a loop that does not end: its condition never changes, a list became a "
		       "ring, an index does not advance; or waiting with interrupts off for "
		       "another CPU";
	case STUCK_USER:
		return "the program runs, but does not come to its end: a system call returns "
		       "something that makes it try for ever, or damages its registers or memory";
	case STUCK_UNKNOWN:
		break;
	}
	return "a loop that does not end, a lock that is not released, or a wake-up that was lost";
}

static const char *advice(const struct result *r)
{
	switch (r->symptom) {
	case SYMPTOM_PANIC:
		return "begin with the first function above that you wrote: what did it pass on?";
	case SYMPTOM_HANG:
		return hang_advice(r->stuck);
	case SYMPTOM_RESET:
		return "the kernel's half of the page tables, the stack (rsp), or GDT, IDT and TSS "
		       "were damaged by what ran just before; stop there in the debugger and "
		       "look at cr3 and rsp";
	case SYMPTOM_POWEROFF:
	case SYMPTOM_ENDED:
		return "the kernel stopped the machine by itself: who calls machine_exit() or "
		       "reboots?";
	case SYMPTOM_FLOOD:
		return "a message in a loop that does not end, or a fault that comes again and "
		       "again because its cause is never removed";
	case SYMPTOM_FORGED:
		return "results count only from the grader's tests, in order and with this run's "
		       "nonce; your own output belongs on the console, by printk()";
	case SYMPTOM_DISK:
		return "what was written to the disk contradicts itself; e2fsck's first complaint "
		       "names the structure";
	case SYMPTOM_QEMU:
		return "the machine or the grader is at fault, rather than your code: try make "
		       "doctor";
	default:
		return NULL;
	}
}

/* ---- the block ----------------------------------------------------------------------------- */

/* What came: the message, with the test's own "file:line: " behind it. */
static void add_got(struct text *t, const struct result *r)
{
	const char *message = r->message ? r->message : "failed", *end = strstr(message, ": ");
	char *got;

	if (r->symptom != SYMPTOM_CHECK || strncmp(message, "grader/", 7) != 0 || !end) {
		add_wrapped(t, LABEL("got        "), message, 6);
		return;
	}
	got = xasprintf("%s (%.*s)", end + 2, (int)(end - message), message);
	add_wrapped(t, LABEL("got        "), got, 6);
	free(got);
}

/* The command that runs one test in the same view; it works at the root. */
static void add_command(struct text *t, const struct view *v, const char *label, const char *target,
			const char *id)
{
	bool student = strcmp(v->mode, "mine") == 0 || v->alone ||
		       (!v->counts && v->mine && *v->mine);

	if (student)
		text_printf(t, "%smake -C labs/%s %s TEST=%s", label, lab_directory(v->lab), target,
			    id);
	else
		text_printf(t, "%smake %s LAB=0%d TEST=%s", label, target, v->lab, id);
	if (student && !v->alone)
		text_printf(t, " VIEW=%s", strcmp(v->mode, "mine") == 0 ? "integrated" : "lab");
	if (v->mine && *v->mine && !student)
		text_printf(t, " MINE=\"%s\"", v->mine);
	if (v->ref && *v->ref)
		text_printf(t, " REF=\"%s\"", v->ref);
	text_printf(t, "\n");
}

static void add_exercise(struct text *t, const struct exercises *e, const struct result *r,
			 bool symptom)
{
	const struct exercise *x = exercise_find(e, r->test->exercise);
	char *when = x && symptom ? exercise_symptom(x) : NULL;

	if (!x)
		return;
	text_printf(t, LABEL("exercise   %s %s\n"), x->number, x->file);
	if (when)
		add_wrapped(t, LABEL("symptoms   "), when, SYMPTOM_LINES);
	free(when);
}

char *feedback_block(const struct exercises *e, const struct view *v, const struct result *r,
		     bool symptom)
{
	struct text t = { 0 };
	char *hint = panic_hint(r);
	const char *usually = hint ? hint : advice(r);

	add_wrapped(&t, LABEL("expected   "), r->test->title, 3);
	add_got(&t, r);
	add_console(&t, r);
	add_lines(&t, LABEL("where      "), r->where, CONSOLE_LINES);
	if (usually)
		add_wrapped(&t, hint ? LABEL("hint       ") : LABEL("usually    "), usually,
			    SYMPTOM_LINES);
	add_exercise(&t, e, r, symptom);
	if (r->log && r->symptom != SYMPTOM_CHECK)
		text_printf(&t, LABEL("log        %s\n"), r->log);
	add_command(&t, v, LABEL("run        "), "grade", r->test->id);
	add_command(&t, v, LABEL("debug      "), "grade-gdb", r->test->id);
	free(hint);
	return t.s;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The same place, whoever called. */
static bool same_line(const char *a, const char *b)
{
	size_t n = a ? strcspn(a, "\n") : 0;

	return a == b || (a && b && strncmp(a, b, n) == 0 && (!b[n] || b[n] == '\n'));
}

bool feedback_same(const struct result *a, const struct result *b)
{
	/* How long a hang was waited for, the CPU or the address of a fault may differ. */
	bool any_message = a->where && a->symptom != SYMPTOM_CHECK;

	if (a->state == PASSED || b->state == PASSED || a->symptom != b->symptom)
		return false;
	if (a->symptom == SYMPTOM_FLOOD)
		return true;
	return a->stuck == b->stuck &&
	       (any_message || same_text(a->message, b->message)) && same_line(a->where, b->where);
}
