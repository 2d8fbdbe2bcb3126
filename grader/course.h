/*
 * A class's grades: weights, deadlines, and the CSV that instructors import.
 *
 * The course's file has one line for each lab; # begins a comment:
 *
 *	# lab  weight  deadline          percent per day late  last day
 *	  01   10      2026-10-01T23:59  10                    3
 *
 * The deadline is local time, or - for none; each day late takes so many percent, and after the
 * last day nothing counts.
 */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "catalogue.h"

struct course_lab {
	double weight;
	time_t deadline;	/* 0: none */
	double late_percent;
	int late_days;
};

struct course {
	struct course_lab lab[LABS + 1];	/* [0] is not used; weight < 0: not in the file */
};
#define COURSE_NONE	{ .lab = { [0 ... LABS] = { .weight = -1 } } }

struct course_grade {
	int days_late;		/* begun days behind the deadline */
	double percent;		/* of the lab's points, less what lateness costs; never negative */
	double weighted;	/* of the course */
};

/* Read one line. False if it cannot be read; empty lines and comments can. */
bool course_parse_line(struct course *c, const char *line);
/* Read a file, or end the program with a message that names the line. */
void course_load(struct course *c, const char *path);
/* What `points` of `of`, handed in at `submitted` (0: in time), are worth. */
struct course_grade course_grade(const struct course_lab *l, double points, double of,
				 time_t submitted);

/*
 * Print a heading and a line for each result directory. Returns how many of them have no usable
 * results; these have lines too.
 */
int course_print_csv(const struct course *c, char *const directories[], int count);
