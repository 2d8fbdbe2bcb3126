/*
 * common/string.c and common/vsnprintf.c against the C library's own functions.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* The host's, before the names are taken. */
static int host_format(char *buf, size_t n, const char *fmt, va_list ap)
{
	return vsnprintf(buf, n, fmt, ap);
}
static void *host_memmove(void *d, const void *s, size_t n) { return memmove(d, s, n); }
static int host_strcmp(const char *a, const char *b) { return strcmp(a, b); }

#include "kernel_names.h"
#include "common/printk.h"
#include "common/string.h"

START_TEST(copies_like_memmove)
{
	char a[96], b[96];

	for (int from = 0; from < 20; from++)
		for (int to = 0; to < 20; to++)
			for (size_t n = 0; n <= 70; n++) {
				for (int i = 0; i < 96; i++)
					a[i] = b[i] = (char)(i * 7);
				host_memmove(a + to, a + from, n);
				memmove(b + to, b + from, n);
				ck_assert_int_eq(__builtin_memcmp(a, b, 96), 0);
			}
}
END_TEST

START_TEST(memcpy_stays_in_bounds)
{
	for (size_t n = 0; n < 80; n++) {
		char *s = malloc(n + 1), *d = malloc(n + 1);	/* ASan guards the ends */

		for (size_t i = 0; i < n; i++)
			s[i] = (char)i;
		ck_assert_ptr_eq(memcpy(d, s, n), d);
		ck_assert_int_eq(memcmp(d, s, n), 0);
		ck_assert_ptr_eq(memset(d, 0x5a, n), d);
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(d[i], 0x5a);
		free(s);
		free(d);
	}
}
END_TEST

START_TEST(compare_is_unsigned)
{
	ck_assert_int_lt(memcmp("a\x01", "a\xff", 2), 0);
	ck_assert_int_gt(strcmp("\xff", "a"), 0);
	ck_assert_int_eq(strcmp("same", "same"), 0);
	ck_assert_int_lt(strcmp("same", "same longer"), 0);
	ck_assert_int_eq(strncmp("abcd", "abxx", 2), 0);
	ck_assert_int_eq(strncmp("ab", "ab", 10), 0);
	ck_assert_int_eq(strncmp("x", "y", 0), 0);
}
END_TEST

START_TEST(searches)
{
	const char *s = "hello, world";

	ck_assert_uint_eq(strlen(s), 12);
	ck_assert_uint_eq(strnlen(s, 5), 5);
	ck_assert_uint_eq(strnlen(s, 50), 12);
	ck_assert_ptr_eq(strchr(s, 'o'), s + 4);
	ck_assert_ptr_eq(strchr(s, '\0'), s + 12);
	ck_assert_ptr_null(strchr(s, 'z'));
	ck_assert_ptr_eq(strrchr(s, 'o'), s + 8);
	ck_assert_ptr_eq(strrchr(s, '\0'), s + 12);
	ck_assert_ptr_eq(strstr(s, "world"), s + 7);
	ck_assert_ptr_eq(strstr(s, ""), s);
	ck_assert_ptr_null(strstr(s, "worlds"));
	ck_assert_ptr_eq(strstr("aaab", "aab"), "aaab" + 1);
	ck_assert_ptr_eq(memchr(s, 'w', 12), s + 7);
	ck_assert_ptr_null(memchr(s, 'w', 7));
}
END_TEST

START_TEST(strlcpy_truncates)
{
	char buf[4] = "zzz";

	ck_assert_uint_eq(strlcpy(buf, "ab", sizeof(buf)), 2);
	ck_assert_int_eq(host_strcmp(buf, "ab"), 0);
	ck_assert_uint_eq(strlcpy(buf, "abcdef", sizeof(buf)), 6);
	ck_assert_int_eq(host_strcmp(buf, "abc"), 0);
	ck_assert_uint_eq(strlcpy(buf, "abcdef", 0), 6);
	ck_assert_int_eq(host_strcmp(buf, "abc"), 0);
}
END_TEST

START_TEST(pages)
{
	char *a = aligned_alloc(4096, 4096), *b = aligned_alloc(4096, 4096);

	for (int i = 0; i < 4096; i++)
		a[i] = (char)(i * 31);
	copy_page(b, a);
	ck_assert_int_eq(memcmp(a, b, 4096), 0);
	clear_page(a);
	for (int i = 0; i < 4096; i++)
		ck_assert_int_eq(a[i], 0);
	free(a);
	free(b);
}
END_TEST

START_TEST(parses_numbers)
{
	const char *end;

	ck_assert_uint_eq(parse_u64("123x", &end, 0), 123);
	ck_assert_int_eq(*end, 'x');
	ck_assert_uint_eq(parse_u64("0x1fG", &end, 0), 0x1f);
	ck_assert_int_eq(*end, 'G');
	ck_assert_uint_eq(parse_u64("0755", NULL, 0), 0755);
	ck_assert_uint_eq(parse_u64("ff", NULL, 16), 255);
	ck_assert_uint_eq(parse_u64("0", &end, 0), 0);
	ck_assert_int_eq(*end, '\0');
	ck_assert_uint_eq(parse_u64("18446744073709551615", NULL, 10), UINT64_MAX);
	ck_assert_uint_eq(parse_u64("18446744073709551616", NULL, 10), UINT64_MAX);
	ck_assert_uint_eq(parse_u64("99999999999999999999999", &end, 10), UINT64_MAX);
	ck_assert_int_eq(*end, '\0');
}
END_TEST

/* Both printfs must agree in text and length, whole and truncated. */
static void __attribute__((format(printf, 1, 2))) agree(const char *fmt, ...)
{
	char mine[256], host[256];

	for (size_t size = 0; size <= 256; size = size < 4 ? size + 1 : size * 4) {
		va_list a, b;
		int m, h;

		__builtin_memset(mine, 'z', sizeof(mine));
		__builtin_memset(host, 'z', sizeof(host));
		va_start(a, fmt);
		va_copy(b, a);
		m = vsnprintf(mine, size, fmt, a);
		h = host_format(host, size, fmt, b);
		va_end(a);
		va_end(b);
		ck_assert_msg(m == h, "\"%s\": length %d, not %d", fmt, m, h);
		if (size)
			ck_assert_msg(host_strcmp(mine, host) == 0, "\"%s\": \"%s\", not \"%s\"",
				      fmt, mine, host);
	}
}

START_TEST(printf_integers)
{
	static const long values[] = { 0, 1, -1, 42, -42, 255, 65536, INT_MAX, INT_MIN, LONG_MAX,
				       LONG_MIN };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		long v = values[i];

		agree("%ld|%5ld|%-25ld|%025ld|%+ld|% ld", v, v, v, v, v, v);
		agree("%lu|%lx|%lX|%lo|%#lx|%#lo", v, v, v, v, v, v);
		agree("%d|%u|%x|%hd|%hhd|%hu|%hhu", (int)v, (int)v, (int)v, (short)v,
		      (signed char)v, (unsigned short)v, (unsigned char)v);
		agree("%lld|%llx|%zu|%zd", (long long)v, (long long)v, (size_t)v, (ssize_t)v);
		agree("%.3ld|%8.3ld|%-8.3ld|%08lx", v, v, v, v);
	}
	agree("%*d|%-*d|%.*d", 7, 42, 7, 42, 5, 42);
	agree("%*d", -7, 42);
}
END_TEST

START_TEST(printf_text)
{
	agree("plain");
	agree("%s|%10s|%-10s|%.2s|%10.2s", "text", "text", "text", "text", "text");
	agree("%c|%5c|%-5c|", 'x', 'y', 'z');
	agree("100%%|%s", "");
	agree("%.*s", 3, "abcdef");
	agree("%.0s|", "abc");
}
END_TEST

START_TEST(printf_pointer_has_16_digits)
{
	char buf[32];

	ck_assert_int_eq(snprintf(buf, sizeof(buf), "%p", (void *)0x1234), 18);
	ck_assert_int_eq(host_strcmp(buf, "0x0000000000001234"), 0);
}
END_TEST

static Suite *string_suite(void)
{
	Suite *s = suite_create("string");
	TCase *t = tcase_create("string");

	tcase_add_test(t, copies_like_memmove);
	tcase_add_test(t, memcpy_stays_in_bounds);
	tcase_add_test(t, compare_is_unsigned);
	tcase_add_test(t, searches);
	tcase_add_test(t, strlcpy_truncates);
	tcase_add_test(t, pages);
	tcase_add_test(t, parses_numbers);
	tcase_add_test(t, printf_integers);
	tcase_add_test(t, printf_text);
	tcase_add_test(t, printf_pointer_has_16_digits);
	suite_add_tcase(s, t);
	return s;
}
UNIT_SUITE(string_suite);
