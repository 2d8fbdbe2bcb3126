/*
 * printk(): format, keep in the log, write to the console.
 *
 * The log is a ring of the last LOG_SIZE bytes; positions count all bytes ever logged, so that
 * a reader knows what it missed. A panic takes no locks, and so neither does printk during one.
 */
#include "common/printk.h"
#include "common/atomic.h"
#include "common/console.h"
#include "common/panic.h"
#include "common/spinlock.h"
#include "common/string.h"

#define LOG_SIZE	(128UL << 10)

static char log_ring[LOG_SIZE];
static u64 log_end;
static DEFINE_SPINLOCK(log_lock, RANK_CONSOLE);

static void append(const char *s, size_t n)
{
	for (; n; n--)
		log_ring[log_end++ % LOG_SIZE] = *s++;
}

static void log_append(const char *s, size_t n)
{
	if (panicking()) {
		append(s, n);
		return;
	}
	spin_lock(&log_lock);
	append(s, n);
	spin_unlock(&log_lock);
}

void vprintk(const char *fmt, va_list ap)
{
	char buf[512];
	size_t n = vsnprintf(buf, sizeof(buf), fmt, ap);

	n = MIN(n, sizeof(buf) - 1);
	log_append(buf, n);
	console_write(buf, n);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

size_t printk_read_log(char *buf, size_t size, u64 from)
{
	size_t n = 0;

	spin_lock(&log_lock);
	if (from + LOG_SIZE < log_end)
		from = log_end - LOG_SIZE;
	while (n < size && from < log_end)
		buf[n++] = log_ring[from++ % LOG_SIZE];
	spin_unlock(&log_lock);
	return n;
}

u64 printk_log_end(void)
{
	return atomic_load(&log_end);
}
