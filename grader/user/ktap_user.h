/*
 * User tests: a program that runs as init in Trellis, and on any Linux.
 *
 *	#include "ktap_user.h"
 *
 *	UTEST(brk_grows, "3.4", 5, "brk moves the break up and the new memory is zero")
 *	{
 *		char *p = sbrk(0);
 *
 *		UT_EQ(brk(p + 4096), 0);
 *		UT_EQ(p[4095], 0);
 *	}
 *
 *	UTEST_MAIN(brk_grows, ...)	// every test of the file, in order
 *
 * The four arguments are those of KTEST() (common/ktest.h). Each test runs in a child of its own,
 * so that a crash costs one test only. Results are written to descriptor 3, which is the grader's
 * stream in Trellis and a pipe on the host; the kernel (or the host's grader) writes header and
 * end. Arguments: [LIST of ids or exercises [ID: only the tests behind this one]].
 *
 * With KTAP_FLAT (programs of lab 03, which are flat and have no C library) system calls are those
 * of trellis_user.h and return -errno; UT_ERRNO and UT_MSG are for programs with glibc.
 * The makefile defines _GNU_SOURCE (as 1).
 */
#pragma once

#ifdef KTAP_FLAT

#include "trellis_user.h"

#define ut_write(fd, s, n)	u_write(fd, s, n)
#define ut_fork()		((int)syscall0(57))
#define ut_waitpid(pid, status)	((int)syscall4(61, pid, status, 0, 0))
#define ut_exit(status)		u_exit(status)

#else

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define ut_write(fd, s, n)	write(fd, s, n)
#define ut_fork()		fork()
#define ut_waitpid(pid, status)	waitpid(pid, status, 0)
#define ut_exit(status)		_exit(status)

#endif

#define UT_STREAM	3

struct utest {
	const char *id, *exercise;
	void (*fn)(void);
};

#define UTEST(name, exercise, points, title)					\
	static void ut_fn_##name(void);						\
	static const struct utest ut_##name = { #name, exercise, ut_fn_##name };	\
	_Static_assert(points >= 0 && sizeof(title) > 1, "points and a title");	\
	static void ut_fn_##name(void)

/* ---- one line of the stream, built in a buffer and written at once ---- */

static char ut_line[1024];
static size_t ut_length;
static int ut_number;			/* of the running test */
static const char *ut_id;

static inline void ut_char(char c)
{
	if (ut_length < sizeof(ut_line) - 1)
		ut_line[ut_length++] = c == '\n' ? ' ' : c;
}

static inline void ut_text(const char *s)
{
	while (*s)
		ut_char(*s++);
}

/* Decimal, or hexadecimal for what looks like an address. */
static inline void ut_value(long v)
{
	bool hex = v > 99999 || v < -99999;
	unsigned long u = (unsigned long)v;
	char digits[24], *p = digits + sizeof(digits);

	if (v < 0 && !hex) {
		ut_char('-');
		u = -u;
	}
	*--p = '\0';
	do {
		*--p = "0123456789abcdef"[u % (hex ? 16 : 10)];
		u /= hex ? 16 : 10;
	} while (u);
	ut_text(hex ? "0x" : "");
	ut_text(p);
}

static inline void ut_flush(void)
{
	ut_line[ut_length++] = '\n';
	for (size_t done = 0; done < ut_length;) {
		long n = (long)ut_write(UT_STREAM, ut_line + done, ut_length - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	ut_length = 0;
}

static inline void ut_result(const char *result)
{
	ut_length = 0;
	ut_text(result);
	ut_value(ut_number);
	ut_char(' ');
	ut_text(ut_id);
}

/* ---- assertions: the first that fails reports and ends the child ---- */

static inline void ut_fail_at(const char *file, long line)
{
	ut_result("not ok ");
	ut_text(" # ");
	ut_text(file);
	ut_char(':');
	ut_value(line);
	ut_text(": ");
}

static inline void ut_done_failing(void)
{
	ut_flush();
	ut_exit(1);
}

static inline void ut_fail(const char *file, long line, const char *what, const char *expected)
{
	ut_fail_at(file, line);
	ut_text(what);
	ut_text(expected);
	ut_done_failing();
}

#define UT_ASSERT(expr)								\
	do {									\
		if (!(expr))							\
			ut_fail(__FILE__, __LINE__, "expected ", #expr);	\
	} while (0)

#define UT_EQ(got, want)							\
	do {									\
		long ut_got = (long)(got), ut_want = (long)(want);		\
		if (ut_got != ut_want)						\
			ut_fail_eq(__FILE__, __LINE__, #got, ut_got, ut_want);	\
	} while (0)

static inline void ut_fail_eq(const char *file, long line, const char *what, long got, long want)
{
	ut_fail_at(file, line);
	ut_text(what);
	ut_text(": expected ");
	ut_value(want);
	ut_text(", got ");
	ut_value(got);
#ifndef KTAP_FLAT
	if (got == -1) {
		ut_text(" (errno is ");
		ut_text(strerrorname_np(errno) ? strerrorname_np(errno) : "0");
		ut_char(')');
	}
#endif
	ut_done_failing();
}

static inline int ut_compare(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

#define UT_STREQ(got, want)							\
	do {									\
		const char *ut_got = (got), *ut_want = (want);			\
		if (ut_compare(ut_got, ut_want)) {				\
			ut_fail_at(__FILE__, __LINE__);				\
			ut_text(#got ": expected \"");				\
			ut_text(ut_want);					\
			ut_text("\", got \"");					\
			ut_text(ut_got);					\
			ut_char('"');						\
			ut_done_failing();					\
		}								\
	} while (0)

#ifndef KTAP_FLAT

/* A call that must succeed: not negative. Its value. */
#define UT_OK(call) ({								\
	errno = 0;								\
	long ut_got = (long)(call);						\
	if (ut_got < 0)								\
		ut_fail_ok(__FILE__, __LINE__, #call);				\
	ut_got; })

static inline void ut_fail_ok(const char *file, long line, const char *what)
{
	int error = errno;

	ut_fail_at(file, line);
	ut_text(what);
	ut_text(": expected success, got ");
	ut_text(strerrorname_np(error) ? strerrorname_np(error) : "-1 without errno");
	ut_done_failing();
}

/* A call that must fail with this errno. */
#define UT_ERRNO(call, want)							\
	do {									\
		errno = 0;							\
		long ut_got = (long)(call);					\
		int ut_error = errno;						\
		if (ut_got != -1 || ut_error != (want)) {			\
			ut_fail_at(__FILE__, __LINE__);				\
			ut_text(#call ": expected " #want ", got ");		\
			ut_text(ut_got != -1 ? "success" : strerrorname_np(ut_error) ?	\
				strerrorname_np(ut_error) : "errno 0");		\
			ut_done_failing();					\
		}								\
	} while (0)

/*
 * Answering the grader's question (grader/ask.h): hash the random argument and the test's id, with
 * what the test is about between the two. FNV-1a.
 */
#define UT_ANSWER_START	0xcbf29ce484222325UL
static inline const char *ut_asked(void)
{
	return getenv("ask") ? getenv("ask") : "";
}

static inline unsigned long ut_answer_add(unsigned long hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3UL;
	return hash;
}

/* With a sentence of its own, as printf. */
#define UT_MSG(expr, ...)							\
	do {									\
		if (!(expr)) {							\
			char ut_buffer[512];					\
			snprintf(ut_buffer, sizeof(ut_buffer), __VA_ARGS__);	\
			ut_fail(__FILE__, __LINE__, ut_buffer, "");		\
		}								\
	} while (0)

#endif

/* ---- the runner ---- */

static inline bool ut_glob(const char *pattern, size_t n, const char *text)
{
	for (; n > 0; pattern++, n--, text++) {
		if (*pattern == '*') {
			for (;; text++) {
				if (ut_glob(pattern + 1, n - 1, text))
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

static inline bool ut_selected(const struct utest *t, const char *list)
{
	while (*list) {
		size_t n = 0;

		while (list[n] && list[n] != ',')
			n++;
		if (ut_glob(list, n, t->id) || ut_glob(list, n, t->exercise))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

/* Run one test in a child. 0 if it passed. */
static inline int ut_run(const struct utest *t, int number)
{
	int status = 0, pid;

	ut_number = number;
	ut_id = t->id;
	ut_result("# start ");
	ut_flush();
	pid = ut_fork();
	if (pid == 0) {
		t->fn();
		ut_exit(0);
	}
	if (pid < 0 || ut_waitpid(pid, &status) != pid) {
		ut_result("not ok ");
		ut_text(pid < 0 ? " # fork failed" : " # wait for the test's process failed");
		ut_flush();
		return 1;
	}
	if (status == 0x100)		/* exit status 1: the child has said why */
		return 1;
	ut_result(status ? "not ok " : "ok ");
	if (status & 0x7f) {
		ut_text(" # killed by signal ");
		ut_value(status & 0x7f);
	} else if (status) {
		ut_text(" # the test's process ended with status ");
		ut_value(status >> 8 & 0xff);
	}
	ut_flush();
	return status != 0;
}

/* Run (run true) or only count the selected tests; the number of tests or of failures. */
static inline int ut_all(const struct utest *const *tests, const char *list, const char *after,
			 bool run)
{
	int n = 0, failures = 0;

	for (; *tests; tests++) {
		if (after) {
			if (ut_compare((*tests)->id, after) == 0)
				after = NULL;
			continue;
		}
		if (!ut_selected(*tests, list))
			continue;
		n++;
		if (run)
			failures += ut_run(*tests, n);
	}
	return run ? failures : n;
}

static inline int ut_main(int argc, char *argv[], const struct utest *const *tests)
{
	const char *list = argc > 1 ? argv[1] : "*", *after = argc > 2 ? argv[2] : NULL;

	ut_length = 0;
	ut_text("1..");
	ut_value(ut_all(tests, list, after, false));
	ut_flush();
	return ut_all(tests, list, after, true) != 0;
}

/* UTEST_MAIN(a, b, c): &ut_a, &ut_b, &ut_c. */
#define UT_PARENS ()
#define UT_EXPAND(...) UT_E3(UT_E3(UT_E3(UT_E3(__VA_ARGS__))))
#define UT_E3(...) UT_E2(UT_E2(UT_E2(UT_E2(__VA_ARGS__))))
#define UT_E2(...) UT_E1(UT_E1(UT_E1(UT_E1(__VA_ARGS__))))
#define UT_E1(...) __VA_ARGS__
#define UT_LIST(name, ...) &ut_##name, __VA_OPT__(UT_AGAIN UT_PARENS (__VA_ARGS__))
#define UT_AGAIN() UT_LIST

#define UTEST_MAIN(...)								\
	int main(int argc, char *argv[])					\
	{									\
		static const struct utest *const tests[] = {			\
			UT_EXPAND(UT_LIST(__VA_ARGS__)) NULL			\
		};								\
		return ut_main(argc, argv, tests);				\
	}
