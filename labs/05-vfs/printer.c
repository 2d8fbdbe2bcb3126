/*
 * Text that grows: what /proc and /sys print into (printer.h).
 *
 * A function that prints does not know how long its text will be, nor in what portions it will be
 * read; so the whole text is made first. After memory was short everything that follows is
 * dropped, and the reader gets an error: functions that print need not check anything.
 */
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "05-vfs/printer.h"

/* Room for n more bytes and a terminator. Sizes double, so that a long text is copied seldom. */
static bool grow(struct printer *p, size_t n)
{
	size_t size = p->size ? p->size : 1024;
	char *buf;

	if (p->failed)
		return false;
	if (p->len + n + 1 <= p->size)
		return true;
	while (size < p->len + n + 1)
		size *= 2;
	buf = kmalloc(size, GFP_KERNEL);
	if (!buf) {
		p->failed = true;
		return false;
	}
	memcpy(buf, p->buf, p->len);
	kfree(p->buf);
	p->buf = buf;
	p->size = size;
	return true;
}

/*
 * Tried into what room there is; vsnprintf() says how much it would take, and then it is done
 * again.
 */
void print(struct printer *p, const char *fmt, ...)
{
	size_t room = p->size - p->len, n;
	va_list ap;

	va_start(ap, fmt);
	n = vsnprintf(p->buf ? p->buf + p->len : NULL, p->buf ? room : 0, fmt, ap);
	va_end(ap);
	if (!p->buf || n >= room) {
		if (!grow(p, n))
			return;
		va_start(ap, fmt);
		vsnprintf(p->buf + p->len, p->size - p->len, fmt, ap);
		va_end(ap);
	}
	p->len += n;
}

void print_char(struct printer *p, char c)
{
	if (grow(p, 1)) {
		p->buf[p->len++] = c;
		p->buf[p->len] = '\0';
	}
}

void print_bytes(struct printer *p, const void *bytes, size_t n)
{
	if (grow(p, n)) {
		memcpy(p->buf + p->len, bytes, n);
		p->len += n;
		p->buf[p->len] = '\0';
	}
}

void print_escaped(struct printer *p, const char *s, const char *which)
{
	for (; *s; s++) {
		if (strchr(which, *s))
			print(p, "\\%03o", (unsigned char)*s);
		else
			print_char(p, *s);
	}
}

void printer_free(struct printer *p)
{
	kfree(p->buf);
	*p = (struct printer){ NULL, 0, 0, false };
}
