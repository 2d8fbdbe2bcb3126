/*
 * Text that grows: what /proc and /sys files print into. A file's text is made anew
 * when it is read from the start, then read from memory.
 */
#pragma once

#include "common/types.h"

struct printer {
	char *buf;		/* terminated; NULL: empty */
	size_t len, size;
	bool failed;		/* out of memory: the read returns -ENOMEM */
};

/* Append. A printer begins as all zeroes; printer_free() makes it so again. May sleep. */
void print(struct printer *p, const char *fmt, ...) __printf(2, 3);
void print_char(struct printer *p, char c);
void print_bytes(struct printer *p, const void *bytes, size_t n);
/*
 * Escapes the characters in `which` (space, tab, newline, backslash ...) as \ooo: for /proc/mounts
 * and maps.
 */
void print_escaped(struct printer *p, const char *s, const char *which);
void printer_free(struct printer *p);
