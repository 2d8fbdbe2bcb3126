/*
 * Small things that all files of the grader use. Being short of memory ends the program.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define LEAST(a, b)	((a) < (b) ? (a) : (b))

/* Print "grade: ..." and exit with status 2: the grader itself is at fault. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A string that grows. */
struct text {
	char *s;		/* terminated; NULL while empty */
	size_t length;
};
void text_add(struct text *t, const char *s, size_t n);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_free(struct text *t);

/* An array of strings that ends with NULL, for execvp(). */
struct args {
	char **v;
	int n;
};
void args_add(struct args *a, const char *s);
void args_printf(struct args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The words of s, separated by blanks. */
void args_split(struct args *a, const char *s);
void args_free(struct args *a);

/* A whole file, terminated; NULL with errno if it cannot be read. */
char *read_file(const char *path, size_t *length);
bool write_file(const char *path, const char *s, size_t n);
bool file_exists(const char *path);
/* Create the directory and its parents. */
void make_directories(const char *path);

/* Monotonic time in seconds. */
double now(void);

/* Does the text match the pattern, where * and ? are wildcards? */
bool glob_match(const char *pattern, const char *text);
/* Does it match one of the comma-separated patterns? NULL or "" match everything. */
bool list_match(const char *list, const char *text);

/*
 * Run a program, its output to the file (NULL: ours) and nothing on its standard input. Exit
 * status; 128 + n for a signal; 127 if it cannot be run.
 */
int run_program(char *const argv[], const char *output);
