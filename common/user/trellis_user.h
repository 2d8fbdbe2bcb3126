/*
 * For small user programs without a C library: system calls and a few helpers. The same source
 * runs on Linux. Programs of lab 02, which has no SYSCALL instruction yet, use the int80_...
 * forms with the numbers of Linux's i386 table; their pointers must lie below 4 GiB there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- SYSCALL (System V ABI AMD64, A.2) ---- */

static inline long syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define syscall0(n)			syscall6(n, 0, 0, 0, 0, 0, 0)
#define syscall1(n, a)			syscall6(n, (long)(a), 0, 0, 0, 0, 0)
#define syscall2(n, a, b)		syscall6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define syscall3(n, a, b, c)		syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define syscall4(n, a, b, c, d)	syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define syscall5(n, a, b, c, d, e)						\
	syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

static inline long u_write(int fd, const void *buf, size_t n)
{
	return syscall3(1, fd, buf, n);
}

static inline void u_exit(int status)
{
	for (;;)
		syscall1(231, status);
}

/* ---- INT 0x80, with i386 numbers ---- */

#define INT80_EXIT		1
#define INT80_WRITE		4
#define INT80_SCHED_YIELD	158

static inline long int80(long n, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory",
			 "r8", "r9", "r10", "r11");
	return result;
}

static inline long int80_write(int fd, const void *buf, size_t n)
{
	return int80(INT80_WRITE, fd, (long)buf, n);
}

static inline void int80_exit(int status)
{
	for (;;)
		int80(INT80_EXIT, status, 0, 0);
}

static inline void int80_yield(void)
{
	int80(INT80_SCHED_YIELD, 0, 0, 0);
}

/* ---- helpers ---- */

static inline size_t u_strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static inline bool u_streq(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return *a == *b;
}

/* value in the given base, right-aligned in buf[24]; returns where it begins. */
static inline char *u_format(char *buf, unsigned long value, unsigned base)
{
	char *p = buf + 23;

	*p = '\0';
	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	return p;
}

/* How u_puts() writes: by SYSCALL, or by INT 0x80 if INT80 is defined before including this. */
static inline void u_puts(const char *s)
{
#ifdef INT80
	int80_write(1, s, u_strlen(s));
#else
	u_write(1, s, u_strlen(s));
#endif
}

static inline void u_putnum(long value)
{
	unsigned long amount = value < 0 ? -(unsigned long)value : (unsigned long)value;
	char buf[24], *p = u_format(buf, amount, 10);

	if (value < 0)
		*--p = '-';
	u_puts(p);
}

static inline void u_puthex(unsigned long value)
{
	char buf[24];

	u_puts("0x");
	u_puts(u_format(buf, value, 16));
}

/* GCC may call these by itself; weak, as a program may bring its own. */
__attribute__((weak)) void *memcpy(void *dst, const void *src, size_t n);
__attribute__((weak)) void *memset(void *dst, int c, size_t n);

__attribute__((weak)) void *memcpy(void *dst, const void *src, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((char *)dst)[i] = ((const char *)src)[i];
	return dst;
}

__attribute__((weak)) void *memset(void *dst, int c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((char *)dst)[i] = c;
	return dst;
}
