/*
 * Printing: to the console (all sinks that are registered) and to buffers.
 *
 * printk() may be called anywhere: before memory exists, in interrupts, with
 * spinlocks held. Formats are those of C's printf that make sense here:
 * %d %i %u %x %X %o %c %s %p %% with flags "-0+ #", width, precision (also *), and the
 * lengths hh h l ll z. %p prints 0x and 16 digits.
 */
#pragma once

#include "common/types.h"

void printk(const char *fmt, ...) __printf(1, 2);
void vprintk(const char *fmt, va_list ap);

/* Like C's: returns the length that the whole text has, terminates if size > 0. */
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

/* Messages that only a talkative boot shows: suppressed by `quiet`. */
#define pr_info(...)	do { if (!quiet_boot) printk(__VA_ARGS__); } while (0)
extern bool quiet_boot;

/* The last messages, for dmesg: copies up to size bytes, returns their number. */
size_t printk_read_log(char *buf, size_t size, u64 from);
/* Number of bytes ever logged; printk_read_log's `from` counts in the same way. */
u64 printk_log_end(void);
