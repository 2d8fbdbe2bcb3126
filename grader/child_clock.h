/*
 * How long a child has had, so that a busy host makes nobody late: time in which one of its
 * threads wanted a processor and had none does not count; time in which all of them slept does.
 */
#pragma once

#include <sys/types.h>

struct child_clock {
	pid_t pid;
	double wall, used;	/* seconds, when last read: the host's clock, its CPU time */
	double had;		/* seconds that count */
};

void child_clock_start(struct child_clock *c, pid_t pid);

/* The seconds that the child has had since the start; brought up to date ten times a second. */
double child_clock_read(struct child_clock *c);
