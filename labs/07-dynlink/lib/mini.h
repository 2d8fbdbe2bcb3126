/*
 * libmini: just enough of a C library for the programs that exercise ld-trellis.so.
 */
#pragma once

/* The system call nr; its result or a negative errno. */
long mini_call(long nr, long a, long b, long c);
unsigned long mini_length(const char *s);
int mini_equal(const char *a, const char *b);
/* Write strings, up to a null pointer, to standard output. */
void mini_say(const char *first, ...);
/* Write "name = value" and a newline. */
void mini_number(const char *name, long value);

extern int mini_calls;		/* how many system calls mini_call() has made; a program copies it */
extern const char *mini_name;	/* for the program to set */
