/*
 * One HTML page of what the labs' results.json say: a table of the grades, then each lab with its
 * exercises and tests, the output of each test folded in. The page needs nothing beside itself,
 * follows the reader's choice of light or dark, and says in words what it shows in colour. All
 * text from the files is escaped: a kernel may print what it likes.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedback.h"
#include "report.h"

#define MAX_TEXT	16384	/* bytes of one text */

struct lab {
	json_t *json;		/* NULL: not graded yet */
	const json_t *tests;
	int points, max;
};

static const char style[] =
	":root { color-scheme: light dark; --line: #bbb; --bad: #b00020; --good: #176b2c }\n"
	"@media (prefers-color-scheme: dark) { :root { --line: #555; --bad: #ff8a8a; "
	"--good: #7ddc95 } }\n"
	"body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: auto; "
	"padding: 1rem }\n"
	"table { border-collapse: collapse; margin: 1rem 0 }\n"
	"th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left }\n"
	"td.n { text-align: right; font-variant-numeric: tabular-nums }\n"
	"pre { overflow-x: auto; border: 1px solid var(--line); padding: .5rem; "
	"font-size: .875rem }\n"
	"details { margin: .25rem 0 } details > :not(summary) { margin-left: 1.2rem }\n"
	"summary { cursor: pointer } .bad { color: var(--bad); font-weight: 600 } "
	".good { color: var(--good) }\n";

static void put(FILE *f, const char *s)
{
	size_t n = 0;

	for (; s && *s && n < MAX_TEXT; s++, n++)
		switch (*s) {
		case '&': fputs("&amp;", f); break;
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '"': fputs("&quot;", f); break;
		case '\'': fputs("&#39;", f); break;
		default: fputc(*s, f);
		}
	if (s && *s)
		fputs(" ...", f);
}

/* ---- reading ------------------------------------------------------------------------------- */

static const char *string_of(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static int number_of(const json_t *j, const char *key)
{
	return (int)json_integer_value(json_object_get(j, key));
}

static const char *view_of(const json_t *test)
{
	return string_of(json_object_get(test, "extra_data"), "view");
}

static bool passed(const json_t *test)
{
	return strcmp(string_of(test, "status"), "passed") == 0;
}

static bool load_lab(struct lab *l, const char *work, int lab)
{
	char *file = xasprintf("%s/0%d/results.json", work, lab);
	const json_t *test;
	size_t i;

	*l = (struct lab){ .json = json_load_file(file, 0, NULL) };
	free(file);
	l->tests = json_object_get(l->json, "tests");
	json_array_foreach(l->tests, i, test) {
		l->points += number_of(test, "score");
		l->max += number_of(test, "max_score");
	}
	return l->json != NULL;
}

/* ---- the page ------------------------------------------------------------------------------ */

static void put_status(FILE *f, bool ok)
{
	fprintf(f, ok ? "<span class=\"good\">passed</span>" : "<span class=\"bad\">failed</span>");
}

/* The grades, a row per lab, and what the views without points found. */
static void put_overview(FILE *f, const struct lab labs[])
{
	int points = 0, max = 0;

	fprintf(f, "<table><caption>Points of each lab</caption>\n<thead><tr>"
		   "<th scope=\"col\">lab</th>"
		   "<th scope=\"col\">points</th><th scope=\"col\">"
		   "tests that fail</th></tr></thead>\n<tbody>\n");
	for (int lab = 1; lab <= LABS; lab++) {
		const struct lab *l = &labs[lab];
		const json_t *test;
		int bad = 0;
		size_t i;

		json_array_foreach(l->tests, i, test)
			bad += !passed(test);
		points += l->points;
		max += l->max;
		if (l->json)
			fprintf(f,
				"<tr><th scope=\"row\"><a href=\"#lab%d\">%s</a></th>"
				"<td class=\"n\">%d of %d</td><td class=\"n\">%d</td></tr>\n",
				lab, lab_directory(lab), l->points, l->max, bad);
		else
			fprintf(f,
				"<tr><th scope=\"row\">%s</th><td colspan=\"2\">"
				"not graded yet</td></tr>\n",
				lab_directory(lab));
	}
	fprintf(f,
		"</tbody>\n<tfoot><tr><th scope=\"row\">all</th><td class=\"n\">"
		"%d of %d</td><td></td></tr>"
		"</tfoot></table>\n",
		points, max);
}

static void put_test(FILE *f, const json_t *test)
{
	const json_t *extra = json_object_get(test, "extra_data");
	const char *console = string_of(extra, "console");
	bool scored = json_object_get(test, "max_score") != NULL;

	fprintf(f, "<details><summary>");
	put_status(f, passed(test));
	fprintf(f, " <code>");
	put(f, *string_of(extra, "id") ? string_of(extra, "id") : string_of(test, "name"));
	fprintf(f, "</code>");
	if (scored)
		fprintf(f, ", %d of %d", number_of(test, "score"), number_of(test, "max_score"));
	fprintf(f, ": ");
	put(f, string_of(extra, "title"));
	fprintf(f, "</summary>\n");
	if (!passed(test)) {
		fprintf(f, "<pre>");
		put(f, string_of(test, "output"));
		fprintf(f, "</pre>\n");
	} else {
		fprintf(f, "<p>%.2f seconds</p>\n",
			json_real_value(json_object_get(extra, "seconds")));
	}
	if (*console) {
		fprintf(f, "<p>Console of this test:</p><pre>");
		put(f, console);
		fprintf(f, "</pre>\n");
	}
	fprintf(f, "</details>\n");
}

/* Points and number of failures of the tests of one view. */
static void sum_view(const struct lab *l, const char *view, int *points, int *max, int *bad)
{
	const json_t *test;
	size_t i;

	*points = *max = *bad = 0;
	json_array_foreach(l->tests, i, test)
		if (strcmp(view_of(test), view) == 0) {
			*points += number_of(test, "score");
			*max += number_of(test, "max_score");
			*bad += !passed(test);
		}
}

/* The heading of a view; its tests follow. */
static void put_view(FILE *f, const struct lab *l, const char *view)
{
	int points, max, bad;

	sum_view(l, view, &points, &max, &bad);
	fprintf(f, "<h3>");
	put(f, view);
	if (max)
		fprintf(f, ": %d of %d points", points, max);
	else
		fprintf(f, bad ? ": %d tests fail" : ": all tests pass", bad);
	fprintf(f, "</h3>\n");
}

static void put_lab(FILE *f, const struct lab *l, int lab)
{
	const char *view = NULL;
	const json_t *test;
	size_t i;

	fprintf(f, "<h2 id=\"lab%d\">Lab %s: %d of %d points</h2>\n", lab, lab_directory(lab),
		l->points, l->max);
	json_array_foreach(l->tests, i, test) {
		if (!view || strcmp(view, view_of(test)) != 0)
			put_view(f, l, view = view_of(test));
		put_test(f, test);
	}
}

static void put_page(FILE *f, const struct lab labs[])
{
	char date[64];
	time_t t = time(NULL);

	strftime(date, sizeof(date), "%Y-%m-%d %H:%M", localtime(&t));
	fprintf(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>Trellis: grades</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n"
		"<h1>Trellis: grades</h1>\n<p>%s</p>\n", style, date);
	put_overview(f, labs);
	for (int lab = 1; lab <= LABS; lab++)
		if (labs[lab].json)
			put_lab(f, &labs[lab], lab);
	fprintf(f, "</main>\n</body>\n</html>\n");
}

int write_html(const char *work, const char *file)
{
	struct lab labs[LABS + 1] = { 0 };
	FILE *f;
	int n = 0;

	for (int lab = 1; lab <= LABS; lab++)
		n += load_lab(&labs[lab], work, lab);
	if (!n)
		return 0;
	f = fopen(file, "we");
	if (!f)
		die("cannot write %s: %s", file, strerror(errno));
	put_page(f, labs);
	if (fclose(f) != 0)
		die("cannot write %s", file);
	for (int lab = 1; lab <= LABS; lab++)
		json_decref(labs[lab].json);
	return n;
}
