/*
 * grader/html.c: the page with the grades of all labs.
 */
#include <stdlib.h>
#include <string.h>

#include "judging.h"

static char *page, *text;

/* Grade lab 1 with this fake kernel, and make the page. */
static void report(const char *mode)
{
	struct report r = { .lab = 1 };
	char *directory = xasprintf("%s/01", o.work);
	struct view *v = judge(mode);

	v->results[1].console = "<script>alert('x')</script> & \"y\" \033[1m\xff\n";
	report_add(&r, v);
	report_write(&r, &e, directory);
	page = xasprintf("%s/report.html", o.work);
	ck_assert_int_eq(write_html(o.work, page), 1);
	text = read_file(page, NULL);
	ck_assert_ptr_nonnull(text);
}

static void find(const char *what)
{
	ck_assert_msg(strstr(text, what) != NULL, "no %s in\n%s", what, text);
}

START_TEST(grades)
{
	report("fail");
	find("<h2 id=\"lab1\">Lab 01-memory: 5 of 7 points</h2>");
	find("<th scope=\"row\"><a href=\"#lab1\">01-memory</a></th><td class=\"n\">5 of 7</td>"
	     "<td class=\"n\">1</td>");
	find("<th scope=\"row\">02-usermode</th><td colspan=\"2\">not graded yet</td>");
	find("<h3>exercise 1.1 alone: 5 of 7 points</h3>");
	find("<details><summary><span class=\"good\">passed</span> <code>fa</code>, 1 of 1: "
	     "&lt;first&gt;");
	find("<details><summary><span class=\"bad\">failed</span> <code>fb</code>, 0 of 2: second");
	find("got        x.c:3: expected 1, got 2\n");
}
END_TEST

START_TEST(everything_is_escaped)
{
	report("fail");
	find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot; ?[1m?");
	ck_assert_ptr_null(strstr(text, "<script"));
}
END_TEST

START_TEST(needs_nothing_else)
{
	report("good");
	find("prefers-color-scheme: dark");
	find("<html lang=\"en\">");
	ck_assert_ptr_null(strstr(text, "src="));
	ck_assert_ptr_null(strstr(text, "http"));
	ck_assert_ptr_null(strstr(text, "url("));
}
END_TEST

START_TEST(size_is_limited)
{
	struct text big = { 0 };
	char *directory = xasprintf("%s/01", o.work),
	     *file = xasprintf("%s/results.json", directory);

	text_printf(&big, "{\"tests\": [{\"status\": \"failed\", \"output\": \"");
	for (int i = 0; i < 100000; i++)
		text_add(&big, "x", 1);
	text_printf(&big, "\"}]}");
	make_directories(directory);
	ck_assert(write_file(file, big.s, big.length));
	page = xasprintf("%s/report.html", o.work);
	ck_assert_int_eq(write_html(o.work, page), 1);
	text = read_file(page, NULL);
	ck_assert_uint_lt(strlen(text), 30000);
	find("xxx ...</pre>");
}
END_TEST

START_TEST(nothing_graded)
{
	page = xasprintf("%s/report.html", o.work);
	ck_assert_int_eq(write_html(o.work, page), 0);
	ck_assert(!file_exists(page));
}
END_TEST

static Suite *html_suite(void)
{
	Suite *s = suite_create("html");
	TCase *t = tcase_create("html");

	tcase_add_checked_fixture(t, judging_setup, judging_teardown);
	tcase_add_test(t, grades);
	tcase_add_test(t, everything_is_escaped);
	tcase_add_test(t, needs_nothing_else);
	tcase_add_test(t, size_is_limited);
	tcase_add_test(t, nothing_graded);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(html_suite);
