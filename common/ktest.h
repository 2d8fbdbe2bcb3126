/*
 * In-kernel tests: a linker set of functions that the grader runs inside a booted stage.
 *
 *	KTEST(buddy_split, "1.2", 4, "a free block of 8 frames is split to serve one")
 *	{
 *		paddr_t p = frame_alloc(0);
 *
 *		KTEST_ASSERT(p != 0);
 *		KTEST_EQ(frame_refs(p), 1);
 *	}
 *
 * The name is the test's id (unique in all labs), then come its exercise, its points (0: a test
 * that earns nothing, for what no exercise owns) and a sentence that says to the student what
 * should happen. The points of a lab's tests, in kernel and in user programs, sum to 100. The
 * grader reads these lines from the source (grader/catalogue.c), so the four arguments are
 * literals.
 *
 * A test that expects a failure first shows that the same thing succeeds: a blank exercise
 * must not earn points. A test whose exercise was found blank (exercise_blank()) fails anyway.
 *
 * Tests live in grader/ktest/0N/ and are linked with TESTS=1 only. They run one after another in
 * the thread that calls ktest_run(). Each leaves the system as it found it.
 */
#pragma once

#include "common/linkset.h"
#include "common/string.h"

struct ktest {
	const char *id;
	const char *exercise;
	int points;
	const char *title;
	const char *file;
	void (*fn)(void);
};

#define KTEST(name, exercise_, points_, title_)					\
	static void ktest_fn_##name(void);					\
	extern const char ktest_id_##name[];					\
	const char ktest_id_##name[] = #name;	/* a duplicate fails to link */	\
	static LINKSET(ktests, 50, const struct ktest, ktest_entry_##name) =	\
		{ ktest_id_##name, exercise_, points_, title_, __FILE__, ktest_fn_##name }; \
	static void ktest_fn_##name(void)

/*
 * Assertions, in functions that return void: the first that fails ends the function. In a helper
 * thread of a test they work too. A test's helper function that failed is passed on by
 * KTEST_CALL().
 */
#define KTEST_ASSERT(expr)							\
	do {									\
		if (!(expr)) {							\
			ktest_fail(__FILE__, __LINE__, "expected %s", #expr);	\
			return;							\
		}								\
	} while (0)
#define KTEST_EQ(got, want)							\
	do {									\
		if (!ktest_eq(__FILE__, __LINE__, #got, (s64)(got), (s64)(want)))	\
			return;							\
	} while (0)
#define KTEST_STREQ(got, want)							\
	do {									\
		if (!ktest_streq(__FILE__, __LINE__, #got, got, want))		\
			return;							\
	} while (0)
/* With a sentence of its own: KTEST_MSG(n == 3, "three frames expected, got %d", n). */
#define KTEST_MSG(expr, ...)							\
	do {									\
		if (!(expr)) {							\
			ktest_fail(__FILE__, __LINE__, __VA_ARGS__);		\
			return;							\
		}								\
	} while (0)
/* Call a helper function that uses assertions; return if one of them failed. */
#define KTEST_CALL(call)							\
	do {									\
		call;								\
		if (ktest_failed())						\
			return;							\
	} while (0)

/*
 * Run the tests that the command line asks for: `ktest=LIST` (comma-separated ids or exercises, *
 * and ? are wildcards, empty: all), `ktest_after=ID` (only those behind this one), `ktap=NONCE`
 * (report on the second serial port with this nonce; default: on the console), `ktest_silent` (a
 * blank exercise does not fail its tests by itself: they must find it out). Returns at once without
 * the word `ktest` or if no test is linked; else ends the machine with EXIT_SUCCESS_CODE
 * or EXIT_FAILURE_CODE. Called by each stage's main.c when all initcalls have run; from lab 02 on
 * in a kernel thread.
 */
void ktest_run(void);

/* Tell the grader that this exercise is blank. Any context; exercise_blank() calls it. */
void ktap_blank(const char *id);

/* True once the grader listens: there is a second serial port and `ktap=`. */
bool ktap_active(void);

/*
 * User tests: programs of grader/user/ that run as init and write the stream to fd 3. Words of the
 * command line after -- are their arguments (from lab 03 on), by which the grader selects tests.
 *
 * ktap_user_begin() writes the stream's header when init is given the stream as fd 3.
 * ktap_user_end() is called when init exits, with its wait status: if the grader listens it ends
 * the stream and the machine, else it returns (and the caller panics).
 */
void ktap_user_begin(void);
void ktap_user_end(int status);

/* A test has failed; the first message of a test counts. Any context. */
void ktest_fail(const char *file, int line, const char *fmt, ...) __printf(3, 4);
bool ktest_failed(void);
bool ktest_eq(const char *file, int line, const char *what, s64 got, s64 want);
bool ktest_streq(const char *file, int line, const char *what, const char *got, const char *want);
