/*
 * Progress: the line at the bottom of a terminal while boots run, and what a lab's last grading
 * found, kept in WORK/0N/last so that the next one can say what changed.
 */
#pragma once

#include "report.h"

/* Show a line that the next one replaces; nothing unless the output is a terminal. */
void progress_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void progress_clear(void);

/* Tests alone that passed and failed, by id: what the file holds. */
struct progress {
	struct args passed, failed;
};

/* A missing file is an empty one. */
void progress_load(struct progress *p, const char *file);
/* Take over the results of the views that give points; other tests keep what is known of them. */
void progress_update(struct progress *p, const struct report *r);
bool progress_save(const struct progress *p, const char *file);
void progress_free(struct progress *p);

/* Has every test of the exercise that gives points passed? */
bool progress_done(const struct progress *p, const struct catalogue *c, const struct exercise *x);

/*
 * Print what is done, which tests pass or fail now and did not before, and the first exercise that
 * is not done: file, goal, handout.
 */
void print_progress(const struct progress *before, const struct progress *now,
		    const struct catalogue *c, const struct exercises *e, int lab);
