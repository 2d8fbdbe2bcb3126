/*
 * What several tests of the grader share: a lab of three tests, judged with fake-qemu.sh.
 */
#pragma once

#include "grader/feedback.h"
#include "grader/report.h"
#include "unit.h"

/* fa (1 point), fb (2), fc (4) of exercise 1.1, in f.c. */
extern struct catalogue c;
extern struct exercises e;
/* .work is a directory of its own, below it log/. */
extern struct options o;

void judging_setup(void);
void judging_teardown(void);

/* The view of exercise 1.1 alone, judged with the fake kernel of this mode; nothing is printed. */
struct view *judge(const char *mode);

/* What fn(arg) prints. */
char *output_of(void (*fn)(void *arg), void *arg);
