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

/* Heading of a view, before its tests. */
void print_view(const struct view *v, const struct options *o);
/* Points by exercise and in all; the last line is "N passed, N failed". */
void print_summary(const struct report *r, const struct exercises *e);

void report_count(const struct report *r, int *passed, int *failed);
int report_points(const struct report *r);

/* Write DIR/results.tap, DIR/results.xml, DIR/results.json. */
void report_write(const struct report *r, const char *directory);

/* Markdown: a table of a lab's exercises, tests and points, for its handout. */
void print_points(const struct catalogue *c, const struct exercises *e, int lab);
