/*
 * Judging views of a lab: which exercises are the student's in each, which tests it runs, and
 * what came out.
 */
#pragma once

#include "catalogue.h"
#include "run.h"
#include "where.h"

struct options {
	char *root;		/* the tree */
	char *out;		/* O: where make builds */
	char *objects; /* O of objects that stand already, which many runs share; NULL: out */
	char *work;		/* OUT/grader: logs, ramdisks, disks */
	char *qemu;		/* the program; a test of the grader puts its own there */
	char *smp;
	char *only;		/* list of test ids or exercises, NULL: all */
	char *make_words;	/* further words for make: DEBUG=1 WERROR=1 */
	double patience;	/* multiplies all time limits */
	bool hurry;		/* who has hung is given less time after that */
	int jobs;		/* boots at a time; 0: 1 */
	bool quiet;		/* no line per test that passes */
	bool silent;		/* blanks do not report themselves: --blank */
	bool no_build;		/* the kernel stands already (tests of the grader) */
	const char *kernel;	/* with no_build: this one */
};

enum state { NOT_RUN, PASSED, FAILED };

struct result {
	const struct test *test;
	enum state state;
	double seconds;
	/* of a failed one */
	char *message;		/* what went wrong, a sentence */
	enum symptom symptom;
	enum stuck stuck;	/* SYMPTOM_HANG: what the CPUs did */
	char *where;		/* lines: functions and their callers (where.h); or NULL */
	char *console;		/* what came on the console while it ran, the end of it; or NULL */
	char *log;		/* the file with all of it; or NULL */
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
	bool broken;		/* the kernel could not be built */
	bool dead;		/* it does not count, and its kernel has hung: no more boots */
	struct result *results;	/* by exercise, then as in the catalogue */
	int count;
	const struct view *before;	/* judged earlier in the same grading, or NULL */
};

/* ---- view.c */

/* A view of these tests; --only narrows it. Takes over the strings. */
struct view *view_new(const struct options *o, struct catalogue *c, struct view v);
int view_points(const struct view *v);
int view_max_points(const struct view *v);
int view_failed(const struct view *v);
/* Does the view have tests of this program (NULL: in-kernel tests)? */
bool view_has(const struct view *v, const struct program *p);
/* The tests of the view, as ktest= and the user programs want to be told. */
char *view_selection(const struct options *o, const struct view *v);
struct result *view_find(const struct view *v, const char *id);
/* The view's name as a part of a file name: "03-exercise-3.2-alone". The caller frees it. */
char *view_slug(const struct view *v);

/* ---- jobs.c: several at a time */

/*
 * Build the views' kernels and run their tests, several boots at a time. `done` (or NULL) is called
 * for each view, in their order, as soon as all its results are there.
 */
void judge_views(const struct options *o, const struct catalogue *c, struct view *const views[],
		 int n, void (*done)(void *arg, struct view *v), void *arg);

/* ---- judge.c: the boot of one job: in-kernel tests (program NULL) or one user program */

struct job {
	const struct options *options;
	struct view *view;
	const struct program *program;
	const struct boot_config *config;
	const char *kernel;
	const char *select, *after;	/* after: NULL or an id */
	const char *nonce;
	char ask[17];			/* random argument of this boot (ask.h) */
	char *disk;			/* set by boot_prepare(): the image, or NULL */
	char *initrd;			/* the same */
};

/* Run all of a view's tests of one kind (program or NULL), several boots if need be. */
void judge_job(struct job *j);
/* Run a user test program on this machine's Linux: R8. */
void judge_on_host(const struct options *o, struct view *v, const struct program *p);
/* A name for files that belong to this job: "03-exercise-3.2-alone-fork". The caller frees it. */
char *job_slug(const struct job *j);

/* ---- boot.c: what a boot needs */

/* Make what the boot needs: disk image, ramdisk. NULL or what went wrong. */
char *boot_prepare(struct job *j);
/* QEMU's command line. */
struct args boot_command(const struct job *j);
/* After the boot: is the disk clean? NULL or what e2fsck says. */
char *boot_check(struct job *j);
/* Remove what boot_prepare() made. */
void boot_clean(struct job *j);

/* What a student wants to see of a failed build's output: three errors and their lines. */
char *first_errors(const char *text);
/* Build by make in the root; NULL or the first errors. *kernel is set to its path. */
char *build_kernel(const struct options *o, const struct view *v, char **kernel);
/* The user test programs of a lab, or of all (0). */
char *build_user_tests(const struct options *o, int lab);
