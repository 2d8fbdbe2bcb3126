/*
 * Results for machines: TAP 13, JUnit XML, Gradescope's results.json.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedback.h"
#include "report.h"

/* ---- TAP ---- */

/* A message of several lines is several comments. */
static void put_comment(FILE *f, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, "\n");

		fprintf(f, "# %.*s\n", (int)n, s);
		s += n + (s[n] == '\n');
	}
}

static void write_tap(const struct report *r, const struct exercises *e, FILE *f)
{
	int passed, failed, n = 0;

	report_count(r, &passed, &failed);
	fprintf(f, "TAP version 13\n1..%d\n", passed + failed);
	for (int i = 0; i < r->count; i++)
		for (int k = 0; k < r->views[i]->count; k++) {
			const struct result *x = &r->views[i]->results[k];
			bool ok = x->state == PASSED;

			fprintf(f, "%sok %d - %s: %s\n", ok ? "" : "not ", ++n, r->views[i]->name,
				x->test->id);
			if (!ok)
				put_comment(f, x->message ? x->message : "failed");
		}
}

/* ---- JUnit ---- */

/* Text as XML; what XML 1.0 cannot hold at all becomes a question mark. */
static void put_xml(FILE *f, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '&')
			fputs("&amp;", f);
		else if (c == '<')
			fputs("&lt;", f);
		else if (c == '>')
			fputs("&gt;", f);
		else if (c == '"')
			fputs("&quot;", f);
		else if ((c < ' ' && c != '\n' && c != '\t') || c >= 0x7f)
			fputc('?', f);
		else
			fputc(c, f);
	}
}

static void write_junit_view(const struct view *v, const struct exercises *e, FILE *f)
{
	fprintf(f, "<testsuite name=\"");
	put_xml(f, v->name);
	fprintf(f, "\" tests=\"%d\" failures=\"%d\">\n", v->count, view_failed(v));
	for (int k = 0; k < v->count; k++) {
		const struct result *x = &v->results[k];
		char *block;

		fprintf(f, "<testcase classname=\"lab0%d.exercise%s\" name=\"%s\" time=\"%.3f\"",
			v->lab, x->test->exercise, x->test->id, x->seconds);
		if (x->state == PASSED) {
			fprintf(f, "/>\n");
			continue;
		}
		fprintf(f, ">\n<failure message=\"");
		put_xml(f, x->message ? x->message : "failed");
		fprintf(f, "\">\n");
		block = feedback_block(e, v, x, false);
		put_xml(f, block);
		free(block);
		fprintf(f, "</failure>\n</testcase>\n");
	}
	fprintf(f, "</testsuite>\n");
}

static void write_junit(const struct report *r, const struct exercises *e, FILE *f)
{
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (int i = 0; i < r->count; i++)
		write_junit_view(r->views[i], e, f);
	fprintf(f, "</testsuites>\n");
}

/* ---- Gradescope ---- */

#define MAX_CONSOLE	8192	/* bytes of it in the file */

/* Text from a kernel gone wrong need not be UTF-8: what is no ASCII becomes a question mark. */
static json_t *json_text(const char *s, size_t limit)
{
	char *copy = xstrndup(s, LEAST(strlen(s), limit));
	json_t *j;

	for (char *p = copy; *p; p++)
		if (*p & 0x80 || (*p < ' ' && *p != '\n' && *p != '\t'))
			*p = *p == '\r' ? ' ' : '?';
	j = json_string(copy);
	free(copy);
	return j;
}

/* What Gradescope shows, and in extra_data what `make report` needs. */
static json_t *json_test(const struct view *v, const struct exercises *e, const struct result *x)
{
	bool ok = x->state == PASSED;
	char *block = ok ? NULL : feedback_block(e, v, x, true);
	char *name = xasprintf("%s (%s)", x->test->id, v->name);
	json_t *j = json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:s, s:s, s:f}}", "name", name,
			      "number", x->test->exercise, "status", ok ? "passed" : "failed",
			      "output", json_text(ok ? x->test->title : block, MAX_CONSOLE),
			      "extra_data", "id", x->test->id, "view", v->name,
			      "title", x->test->title, "seconds", x->seconds);

	if (x->console)
		json_object_set_new(json_object_get(j, "extra_data"), "console",
				    json_text(x->console, MAX_CONSOLE));
	if (v->counts) {
		json_object_set_new(j, "score", json_integer(ok ? x->test->points : 0));
		json_object_set_new(j, "max_score", json_integer(x->test->points));
	}
	free(name);
	free(block);
	return j;
}

static void write_json(const struct report *r, const struct exercises *e, FILE *f)
{
	json_t *tests = json_array(), *all;

	for (int i = 0; i < r->count; i++)
		for (int k = 0; k < r->views[i]->count; k++)
			json_array_append_new(tests, json_test(r->views[i], e,
							       &r->views[i]->results[k]));
	all = json_pack("{s:i, s:{s:i}, s:o}", "score", report_points(r), "extra_data", "lab",
			r->lab, "tests", tests);
	json_dumpf(all, f, JSON_INDENT(1));
	fputc('\n', f);
	json_decref(all);
}

/* ---- all three ---- */

static void write_one(const struct report *r, const char *directory, const char *name,
		      const struct exercises *e,
		      void (*write)(const struct report *r, const struct exercises *e, FILE *f))
{
	char *path = xasprintf("%s/%s", directory, name);
	FILE *f = fopen(path, "we");

	if (!f)
		die("cannot write %s", path);
	write(r, e, f);
	if (fclose(f) != 0)
		die("cannot write %s", path);
	free(path);
}

void report_write(const struct report *r, const struct exercises *e, const char *directory)
{
	make_directories(directory);
	write_one(r, directory, "results.tap", e, write_tap);
	write_one(r, directory, "results.xml", e, write_junit);
	write_one(r, directory, "results.json", e, write_json);
}
