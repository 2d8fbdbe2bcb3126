/*
 * Judging one view of a lab: which exercises are the student's in it, which tests it runs, and
 * what came out.
 */
#pragma once

#include "catalogue.h"

struct options {
	char *root;		/* the tree */
	char *out;		/* O: where make builds */
	char *objects;		/* O of objects that stand already, which many runs share; NULL: out */
	char *work;		/* OUT/grader: logs, ramdisks, disks */
	char *qemu;		/* the program; a test of the grader puts its own there */
	char *smp;
	char *only;		/* list of test ids or exercises, NULL: all */
	char *make_words;	/* further words for make: DEBUG=1 WERROR=1 */
	double patience;	/* multiplies all time limits */
	bool quiet;		/* no line per test that passes */
	bool silent;		/* blanks do not report themselves: --blank */
	bool no_build;		/* the kernel stands already (tests of the grader) */
	const char *kernel;	/* with no_build: this one */
};

enum state { NOT_RUN, PASSED, FAILED };

struct result {
	const struct test *test;
	enum state state;
	char *message;		/* of a failed one */
	double seconds;
};

struct view {
	char *name;		/* "exercise 1.2 alone" */
	int lab;
	const char *mode;	/* MODE= */
	char *mine, *ref;	/* MINE= and REF= */
	char *only;		/* tests: exercise or pattern list; NULL: the lab's */
	const char *alone;	/* exercise that is mine alone in this view; NULL: several */
	bool older;		/* the in-kernel tests of earlier labs too */
	bool counts;		/* gives points */
	bool broken;			/* the kernel could not be built */
	struct result *results;
	int count;
	const struct view *before;	/* judged earlier in the same grading, or NULL */
};

/* A view of these tests; --only narrows it. Takes over the strings. */
struct view *view_new(const struct options *o, struct catalogue *c, struct view v);
/* Build the view's kernel, run its tests, print a line for each. */
void view_judge(const struct options *o, const struct catalogue *c, const struct exercises *e,
		struct view *v);
int view_points(const struct view *v);
int view_max_points(const struct view *v);
int view_failed(const struct view *v);

/* The boot of one job: in-kernel tests (program NULL) or one user program. */
struct job {
	const struct options *options;
	const struct view *view;
	const struct program *program;
	const struct boot_config *config;
	const char *kernel;
	const char *select, *after;	/* after: NULL or an id */
	const char *nonce;
	const char *disk;		/* set by boot_prepare(): the image, or NULL */
	const char *initrd;		/* the same */
};

/* Make what the boot needs: disk image, ramdisk. NULL or what went wrong. */
char *boot_prepare(struct job *j);
/* QEMU's command line. */
struct args boot_command(const struct job *j);
/* After the boot: is the disk clean? NULL or what e2fsck says. */
char *boot_finish(struct job *j);

/* Build by make in the root; NULL or the first error. *kernel is set to its path. */
char *build_kernel(const struct options *o, const struct view *v, char **kernel);
/* The user test programs of a lab, or of all (0). */
char *build_user_tests(const struct options *o, int lab);

/* Run all of a view's tests of one kind (program or NULL), several boots if need be. */
void judge_job(struct job *j, struct view *v);

/* Run a user test program on this machine's Linux: R8. */
void judge_on_host(const struct options *o, struct view *v, const struct program *p);

/* One line; below a failed one what to do about it. */
void print_result(const struct options *o, const struct exercises *e, const struct view *v,
		  const struct result *r);
