/*
 * What a student is told: about a failed test, about an exercise, and about where to go on.
 */
#pragma once

#include "judge.h"

/*
 * Everything about a failed test, in at most about 25 lines: what was expected, what came, the
 * console's last lines, where the kernel was, what such a symptom usually means, the student's
 * file, and the commands that run this test alone. With `symptom` also what the exercise's file
 * says about its going wrong. The caller frees the text, which may be NULL.
 */
char *feedback_block(const struct exercises *e, const struct view *v, const struct result *r,
		     bool symptom);
/* Did both tests fail for the same reason, so that one block can stand for both? */
bool feedback_same(const struct result *a, const struct result *b);

/* ---- notes.c: what the file and the handout say of an exercise; NULL: nothing; the caller frees
 */

/* "Goal:" and "Symptom:" or "When it is wrong:" in the comment at the head of the file. */
char *exercise_goal(const struct exercise *x);
char *exercise_symptom(const struct exercise *x);
/* The handout's heading that has the exercise's number, "Exercise 1.3: slabs", or that above it. */
char *exercise_heading(const struct exercise *x);
/* The handout: "labs/01-memory/README.md". */
char *exercise_handout(const struct exercise *x);
/* Is its blank still there? */
bool exercise_is_blank(const struct exercise *x);

/* Name of a lab's directory below labs/. */
const char *lab_directory(int lab);

/*
 * Add the text, broken into lines of at most 100 columns, the first behind `label` and all others
 * below its end. At most `lines` lines (0: all); what is left out shows as "...".
 */
void add_wrapped(struct text *t, const char *label, const char *text, int lines);
