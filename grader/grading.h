/*
 * One run of the program `grade`: what it was asked for, and the modes that main.c does not hold.
 */
#pragma once

#include "course.h"
#include "report.h"

enum mode { REFERENCE = 1, STUDENT, ALL, BLANK, HOST, CHECK, POINTS, GDB, CSV, HTML };

struct grading {
	struct options o;
	struct catalogue c;
	struct exercises e;
	enum mode mode;
	int lab;
	char *mine, *ref, *variant;	/* MINE=, REF=, MODE= */
	char *view;			/* VIEW=: alone, lab, integrated; NULL: all */
	bool older;
	struct course course;
	struct text errors;		/* of the declarations; only --check fails for them */
};

/* ---- student.c */

/* Add a view for each exercise of the lab alone, not yet judged. */
void add_alone(struct grading *g, struct report *r);
/* A view of g's lab, not yet judged; NULL if it has no tests. r: the views before it. */
struct view *add_view(struct grading *g, struct report *r, struct view init);
/* Judge the views of r from number `first` on and print each. */
void judge_report(struct grading *g, struct report *r, int first);

/* The student's own work in g's lab: all views, summary, progress. */
void grade_student(struct grading *g, struct report *r);
/* All labs in a table; the number of tests that failed. */
int grade_all(struct grading *g);

/* ---- blame.c */

/*
 * A view in which several exercises are the student's fails tests that passed with each of them
 * alone: take one at a time from the reference, and print which of them mends it.
 */
void find_guilty(struct grading *g, const struct view *v);
