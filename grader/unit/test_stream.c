/*
 * grader/stream.c: what counts and what is refused.
 */
#include <string.h>

#include "grader/stream.h"
#include "unit.h"

static struct stream s;
static struct text events;

static void record(void *arg, const char *id, const char *result, const char *message)
{
	text_printf(&events, "%s:%s:%s;", id, result ? result : "start", message ? message : "");
}

static void setup(void)
{
	stream_init(&s, "abc", record, NULL);
	text_add(&events, "", 0);
}

static void teardown(void)
{
	stream_free(&s);
	text_free(&events);
}

static void feed(const char *text)
{
	stream_feed(&s, text, strlen(text));
}

#define HEADER	"KTAP version 1 abc\n1..2\n"
#define FIRST	"# start 1 a\nok 1 a\n"

START_TEST(complete)
{
	feed(HEADER FIRST "# start 2 b\nnot ok 2 b # f.c:1: no\n");
	ck_assert(!stream_complete(&s));
	feed("# end abc\n");
	ck_assert(stream_complete(&s));
	ck_assert_str_eq(events.s, "a:start:;a:ok:;b:start:;b:not ok:f.c:1: no;");
}
END_TEST

START_TEST(in_pieces)
{
	for (const char *p = HEADER FIRST "# start 2 b\r\nok 2 b\r\n# end abc\n"; *p; p++)
		stream_feed(&s, p, 1);
	ck_assert(stream_complete(&s));
}
END_TEST

START_TEST(failure_said_twice)
{
	feed(HEADER "# start 1 a\nnot ok 1 a # in a child\nnot ok 1 a # in the test\nok 1 a\n"
	     "# start 2 b\nok 2 b\n# end abc\n");
	ck_assert(stream_complete(&s));
	ck_assert_str_eq(events.s, "a:start:;a:not ok:in a child;b:start:;b:ok:;");
}
END_TEST

START_TEST(blanks_are_kept)
{
	feed("\n# blank 1.2\n" HEADER "# start 1 a\n\n# blank 1.3\nok 1 a\n# blank 1.2\n");
	ck_assert_ptr_null(s.error);
	ck_assert_int_eq(s.blanks.n, 2);
	ck_assert_str_eq(s.blanks.v[1], "1.3");
}
END_TEST

static const char *const refused[] = {
	"ok 1 a\n",
	"KTAP version 1 xyz\n",
	"KTAP version 1\n",
	HEADER "ok 1 a\n",
	HEADER "# start 2 a\n",
	HEADER "# start 1 a\n# start 2 b\n",
	HEADER "# start 1 a\nok 1 b\n",
	HEADER "# start 1 a\nok 2 a\n",
	HEADER FIRST "# start 2 a\nok 2 a\n",
	HEADER FIRST "# start 2 b\nok 2 b\n# start 3 c\n",
	HEADER "1..3\n",
	"KTAP version 1 abc\n1..x\n",
	"KTAP version 1 abc\n# start 1 a\n",
	HEADER "nonsense\n",
	HEADER FIRST "ok 1 a\n",
	HEADER "# start 1 a\nnot ok 1 a\n# start 2 b\nok 1 a\n",
	HEADER FIRST "# start 2 b\nok 2 b\n# end xyz\n",
	HEADER FIRST "# start 2 b\nok 2 b\n# end abc\nok 3 c\n",
};

START_TEST(refuses)
{
	feed(refused[_i]);
	ck_assert_msg(s.error != NULL, "not refused: %s", refused[_i]);
	ck_assert(!stream_complete(&s));
}
END_TEST

START_TEST(endless_line)
{
	for (int i = 0; i < 10000; i++)
		feed("x");
	ck_assert_ptr_nonnull(s.error);
}
END_TEST

static const char *const incomplete[] = {
	"",
	HEADER,
	HEADER FIRST,
	HEADER FIRST "# end abc\n",
	HEADER FIRST "# start 2 b\n# end abc\n",
	"KTAP version 1 abc\n# end abc\n",
};

START_TEST(is_incomplete)
{
	feed(incomplete[_i]);
	ck_assert(!stream_complete(&s));
}
END_TEST

static Suite *stream_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *t = tcase_create("stream");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, complete);
	tcase_add_test(t, in_pieces);
	tcase_add_test(t, failure_said_twice);
	tcase_add_test(t, blanks_are_kept);
	tcase_add_loop_test(t, refuses, 0, ARRAY_SIZE(refused));
	tcase_add_test(t, endless_line);
	tcase_add_loop_test(t, is_incomplete, 0, ARRAY_SIZE(incomplete));
	suite_add_tcase(suite, t);
	return suite;
}
UNIT_SUITE(stream_suite);
