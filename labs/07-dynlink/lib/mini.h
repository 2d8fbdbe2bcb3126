/*
 * libmini: just enough of a C library for the programs that exercise ld-trellis.so.
 */
#pragma once

/* The system call nr; its result or a negative errno. */
long mini_call(long nr, long a, long b, long c);
unsigned long mini_length(const char *s);
int mini_equal(const char *a, const char *b);
int mini_twice(int x);		/* 2 * x; libwrap has one too */
/* Write strings, up to a null pointer, to standard output. */
void mini_say(const char *first, ...);
/* Write "name = value" and a newline. */
void mini_number(const char *name, long value);

extern int mini_calls;		/* how often mini_call() was called; a program copies it */
extern const char *mini_name;	/* for the program to set */

/* What constructors and destructors note, one letter each, as a string. */
void mini_note(char c);
extern char mini_notes[128];
/* If set, libmini's own destructor, the last of all, writes what was noted behind this number. */
extern int mini_notes_shown;

/* One thing to check, by name: see mini_checks(). */
struct mini_check {
	const char *name;
	int (*check)(void);	/* true if it is right */
};
/*
 * For main(): run the check that argv[1] names, or all, up to an entry without name; write
 * "NAME: ok" or "NAME: wrong". 0 if they are right, 1 if one is wrong, 2 if there is none of
 * that name.
 */
int mini_checks(const struct mini_check *checks, int argc, char **argv);

/* A thread; in thread.c. */
struct mini_thread {
	void *tp;
	char *stack;
	int tid;		/* 0 when it is gone */
};
/* Run fn(arg) in a new thread, with thread-local storage of its own: 0 or a negative errno. */
long mini_thread_start(struct mini_thread *t, void (*fn)(void *), void *arg);
void mini_thread_join(struct mini_thread *t);
/* futex(2): sleep while *word == value; wake all who do. */
void mini_wait(int *word, int value);
void mini_wake(int *word);
