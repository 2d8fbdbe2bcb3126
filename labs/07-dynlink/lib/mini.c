/*
 * See mini.h. A shared library: its functions are reached through the PLT, its variables by COPY
 * relocations or through the GOT.
 */
#include <stdarg.h>

#include "mini.h"

int mini_calls;
const char *mini_name = "libmini";
char mini_notes[128];
int mini_notes_shown;
static int notes;

long mini_call(long nr, long a, long b, long c)
{
	long ret;

	mini_calls++;
	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

unsigned long mini_length(const char *s)
{
	unsigned long n = 0;

	while (s[n])
		n++;
	return n;
}

int mini_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int mini_twice(int x)
{
	return 2 * x;
}

void mini_say(const char *first, ...)
{
	va_list ap;

	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *))
		mini_call(1, 1, (long)s, (long)mini_length(s));
	va_end(ap);
}

void mini_number(const char *name, long value)
{
	char digits[24], *p = digits + sizeof(digits) - 1;
	unsigned long v = value < 0 ? -(unsigned long)value : (unsigned long)value;

	*p = '\0';
	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	if (value < 0)
		*--p = '-';
	mini_say(name, " = ", p, "\n", (char *)0);
}

void mini_note(char c)
{
	if (notes < (int)sizeof(mini_notes) - 1)
		mini_notes[notes++] = c;
}

__attribute__((destructor)) static void show_notes(void)
{
	if (mini_notes_shown)
		mini_say("destructors: ", mini_notes + mini_notes_shown, "\n", (char *)0);
}

int mini_checks(const struct mini_check *checks, int argc, char **argv)
{
	for (; checks->name; checks++) {
		int ok;

		if (argc > 1 && !mini_equal(argv[1], checks->name))
			continue;
		ok = checks->check();
		mini_say(checks->name, ok ? ": ok\n" : ": wrong\n", (char *)0);
		if (argc > 1 || !ok)
			return !ok;
	}
	return argc > 1 ? 2 : 0;
}
