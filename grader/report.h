/*
 * What comes out: the table on the terminal, TAP, JUnit's XML, Gradescope's results.json, CSV.
 */
#pragma once

#include "judge.h"

/* All views of one grading. */
struct report {
	int lab;
	struct view **views;
	int count;
};

void report_add(struct report *r, struct view *v);
/* The first view that gives points and whose exercise alone is this one's; or NULL. */
struct view *report_alone(const struct report *r, const char *exercise);

/* Heading and results of a view; what failed in an earlier view too (v->before) is only counted. */
void print_view(const struct options *o, const struct exercises *e, const struct view *v);
/* One test: a line, and below a failed one what to know about it. */
void print_result(const struct options *o, const struct exercises *e, const struct view *v,
		  const struct result *r);
/* Points by exercise and in all, and of the other views how many tests passed. */
void print_summary(const struct report *r, const struct exercises *e);
/* The last line: "N passed, N failed". */
void print_count(const struct report *r);

void report_count(const struct report *r, int *passed, int *failed);
int report_points(const struct report *r);
int report_max_points(const struct report *r);
/* Points of one exercise in the views that count. */
void report_exercise(const struct report *r, const char *number, int *got, int *max);

/* Write DIR/results.tap, DIR/results.xml, DIR/results.json. */
void report_write(const struct report *r, const struct exercises *e, const char *directory);

/* Markdown: a table of a lab's exercises, tests and points, for its handout. */
void print_points(const struct catalogue *c, const struct exercises *e, int lab);

/* One HTML page of the labs' WORK/0N/results.json; the number of labs that it shows. */
int write_html(const char *work, const char *file);
