/*
 * The catalogue: every test that exists, read from the source of the tests. A test's points and
 * its sentence stand nowhere else.
 */
#pragma once

#include <stdbool.h>

#include "util.h"

#define LABS	7

struct program;

struct test {
	char *id, *exercise, *title;
	int points;
	int lab;			/* whose test it is: the directory 0N, not the exercise */
	char *file;			/* source, relative to the root */
	int line;
	const struct program *program;	/* user program that contains it; NULL: in the kernel */
};

/*
 * How to boot for the tests of one source file. From lines "@word value" in its opening comment,
 * and before that from the file `boot` in its directory:
 *
 *	@append norandmaps		words for the kernel command line
 *	@mem 64M			memory (default 256M)
 *	@smp 1				CPUs, whatever the grader is told
 *	@cpu max			CPU model (default qemu64)
 *	@disk 16M -b 1024 -I 128	a fresh ext2 image by mke2fs with these options, as
 *					/dev/vda; afterwards e2fsck -fn must find it clean
 *	@file /bin/busybox /bin/busybox		into the initial ramdisk: destination, source
 *					on the host (BUILD/x: in the directory of the kernel)
 *	@link /bin/sh busybox		symbolic link there
 *	@ask ID console		this test answers this boot's question there: ask.h
 *	@timeout 60			seconds without progress (default 30)
 *	@host no REASON			the host's Linux cannot run this user test program
 *	@cflags -lpthread		for compiling a user test program
 *	@qemu -device ...		further options
 */
struct boot_config {
	char *append, *mem, *smp, *cpu, *disk, *cflags, *qemu, *host_no;
	struct args files, links;	/* pairs: destination, source or target */
	struct args asks;		/* pairs: test id, where it answers (ask.h) */
	int timeout;
};

struct program {
	char *name;			/* file name without .c */
	char *source;
	int lab;
	bool flat;			/* labs 02 and 03: embedded into the kernel */
	struct boot_config config;
};

struct catalogue {
	struct test *tests;
	int count;
	struct program **programs;
	int program_count;
	struct boot_config kernel_config[LABS + 1];	/* of in-kernel tests, by lab */
};

/*
 * Read the tests of one source file into the catalogue. macro is "KTEST" or "UTEST". Problems are
 * described in `errors`.
 */
void catalogue_scan(struct catalogue *c, const char *macro, const char *text, const char *file,
		    int lab, const struct program *program, struct text *errors);

/* Read all of ROOT/grader/ktest/ (lab 0), ktest/0N and user/0N. */
void catalogue_load(struct catalogue *c, const char *root, struct text *errors);

/* Add the directives of a text to the configuration. */
void config_parse(struct boot_config *config, const char *text, const char *file,
		  struct text *errors);

struct test *catalogue_find(struct catalogue *c, const char *id);
int catalogue_points(const struct catalogue *c, int lab, const char *exercise);

/* An exercise as the solutions name it. */
struct exercise {
	char *number;		/* "3.2" */
	char *file;		/* the student's file, relative to the root; the first of several */
	int lab;
};
struct exercises {
	struct exercise *list;
	int count;
	bool reference;		/* its form of them is there, as source or as objects */
};
/*
 * From the marks below ROOT/solutions or, where those are not handed out, from
 * ROOT/reference/exercises.
 */
void exercises_load(struct exercises *e, const char *root);
const struct exercise *exercise_find(const struct exercises *e, const char *number);

/*
 * Complain (into errors) about a lab whose points do not sum to 100, about exercises without
 * tests and tests of exercises that do not exist. Labs without any test are skipped.
 */
void catalogue_check(const struct catalogue *c, const struct exercises *e, struct text *errors);
