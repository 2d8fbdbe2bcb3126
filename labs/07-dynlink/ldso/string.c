/*
 * Strings and memory of the linker. Loops here must not become calls of memcpy() and the like,
 * which do not exist (lab.mk says so to the compiler).
 */
#include <stdarg.h>

#include "common/abi/mman.h"
#include "07-dynlink/ldso/sys.h"

u64 str_len(const char *s)
{
	u64 n = 0;

	while (s[n])
		n++;
	return n;
}

bool str_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool str_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

bool str_has(const char *s, char c)
{
	while (*s && *s != c)
		s++;
	return *s == c;
}

void mem_copy(void *to, const void *from, u64 n)
{
	char *t = to;
	const char *f = from;

	while (n--)
		*t++ = *f++;
}

void mem_zero(void *to, u64 n)
{
	char *t = to;

	while (n--)
		*t++ = 0;
}

/* Taken from the kernel in large pieces and cut from the piece's front. */
void *allocate(u64 size)
{
	static struct lock memory_lock;
	static u64 next, end;
	u64 p;

	lock(&memory_lock);
	size = ALIGN_UP(size, 16UL);
	if (size > end - next) {
		u64 piece = ALIGN_UP(MAX(size, 32768UL), PAGE_SIZE);
		s64 got = sys_mmap(0, piece, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (got < 0) {
			say("ld-trellis.so: out of memory\n", NULL);
			sys_exit(127);
		}
		next = (u64)got;
		end = next + piece;
	}
	p = next;
	next += size;
	unlock(&memory_lock);
	return (void *)p;
}

char *concat(const char *first, ...)
{
	va_list ap;
	u64 n = 0;
	char *all, *to;

	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *))
		n += str_len(s);
	va_end(ap);
	to = all = allocate(n + 1);
	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *)) {
		mem_copy(to, s, str_len(s));
		to += str_len(s);
	}
	va_end(ap);
	return all;
}

char *str_copy(const char *s, u64 n)
{
	char *copy = allocate(n + 1);

	mem_copy(copy, s, n);
	return copy;
}
