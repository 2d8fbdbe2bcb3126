/*
 * Memory and string functions, as in ISO C 7.24, for a kernel without a libc.
 * (GCC may also emit calls to the first four by itself.)
 */
#pragma once

#include "common/types.h"

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *sub);

/*
 * Copy at most size - 1 characters and always terminate (if size > 0).
 * Returns strlen(src), so a result >= size means truncation.
 */
size_t strlcpy(char *dst, const char *src, size_t size);

/* Clear or copy one aligned page with 64-bit moves (docs/performance.md says why). */
void clear_page(void *page);
void copy_page(void *restrict dst, const void *restrict src);

/*
 * Parse an unsigned number (base 0: as C writes it, 0x, 0, decimal) up to the
 * first other character; *end (if not NULL) is left there. Saturates at U64 max.
 */
u64 parse_u64(const char *s, const char **end, int base);
