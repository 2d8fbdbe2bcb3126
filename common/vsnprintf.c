/*
 * Formatted printing to a buffer (ISO C 7.21.6.1, the part that printk.h names). Pure: builds on
 * the host for its unit tests.
 */
#include "common/printk.h"
#include "common/string.h"

struct out {
	char *buf;
	size_t size;		/* room in buf, the terminator included */
	size_t length;		/* characters produced so far, stored or not */
};

struct spec {
	bool left, plus, space, alternate, zero;
	int width, precision;	/* precision -1: not given */
	int length;		/* size of the integer argument in bytes */
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->buf[o->length] = c;
	o->length++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text, int length)
{
	if (!s->left)
		pad(o, ' ', s->width - length);
	for (int i = 0; i < length; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, ' ', s->width - length);
}

/* prefix, zeros, digits: the sign or 0x comes before the zeros that the precision asks for. */
static void put_number(struct out *o, const struct spec *s, u64 value, unsigned base, bool upper,
		       const char *prefix)
{
	char digits[24];
	int n = 0, zeros, prefix_length = strlen(prefix);

	do {
		digits[n++] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[value % base];
		value /= base;
	} while (value);
	if (s->precision == 0 && n == 1 && digits[0] == '0')
		n = 0;
	zeros = s->precision - n;
	if (base == 8 && s->alternate && zeros <= 0 && (n == 0 || digits[n - 1] != '0'))
		zeros = 1;
	if (s->zero && !s->left && s->precision < 0)
		zeros = s->width - prefix_length - n;
	zeros = MAX(zeros, 0);
	if (!s->left)
		pad(o, ' ', s->width - prefix_length - zeros - n);
	while (*prefix)
		put(o, *prefix++);
	pad(o, '0', zeros);
	for (int i = n; i > 0; i--)
		put(o, digits[i - 1]);
	if (s->left)
		pad(o, ' ', s->width - prefix_length - zeros - n);
}

static void put_signed(struct out *o, const struct spec *s, s64 value)
{
	const char *sign = value < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";

	put_number(o, s, value < 0 ? -(u64)value : (u64)value, 10, false, sign);
}

/* A number or '*'; 0 if there is neither. */
static int parse_count(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		return va_arg(*ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = n * 10 + **fmt - '0';
	return n;
}

static void parse_flags(struct spec *s, const char **fmt)
{
	for (;; ++*fmt) {
		switch (**fmt) {
		case '-': s->left = true; break;
		case '+': s->plus = true; break;
		case ' ': s->space = true; break;
		case '#': s->alternate = true; break;
		case '0': s->zero = true; break;
		default: return;
		}
	}
}

static void parse_spec(struct spec *s, const char **fmt, va_list *ap)
{
	*s = (struct spec){ .precision = -1, .length = sizeof(int) };
	parse_flags(s, fmt);
	s->width = parse_count(fmt, ap);
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (**fmt == '.') {
		++*fmt;
		s->precision = parse_count(fmt, ap);
	}
	for (;; ++*fmt) {
		if (**fmt == 'l' || **fmt == 'z' || **fmt == 't' || **fmt == 'j')
			s->length = 8;
		else if (**fmt == 'h')
			s->length /= 2;
		else
			return;
	}
}

static s64 signed_argument(const struct spec *s, va_list *ap)
{
	s64 v = s->length == 8 ? va_arg(*ap, s64) : va_arg(*ap, int);

	return s->length == 1 ? (s8)v : s->length == 2 ? (s16)v : v;
}

static u64 unsigned_argument(const struct spec *s, va_list *ap)
{
	u64 v = s->length == 8 ? va_arg(*ap, u64) : va_arg(*ap, unsigned);

	return s->length == 1 ? (u8)v : s->length == 2 ? (u16)v : v;
}

static void put_hex(struct out *o, struct spec *s, u64 value, bool upper)
{
	put_number(o, s, value, 16, upper, s->alternate && value ? upper ? "0X" : "0x" : "");
}

static void convert(struct out *o, struct spec *s, char conversion, va_list *ap)
{
	const char *text;
	char c;

	switch (conversion) {
	case 'd': case 'i':
		put_signed(o, s, signed_argument(s, ap));
		break;
	case 'u':
		put_number(o, s, unsigned_argument(s, ap), 10, false, "");
		break;
	case 'o':
		put_number(o, s, unsigned_argument(s, ap), 8, false, "");
		break;
	case 'x': case 'X':
		put_hex(o, s, unsigned_argument(s, ap), conversion == 'X');
		break;
	case 'p':
		s->precision = 16;
		put_number(o, s, (u64)va_arg(*ap, void *), 16, false, "0x");
		break;
	case 'c':
		c = va_arg(*ap, int);
		put_text(o, s, &c, 1);
		break;
	case 's':
		text = va_arg(*ap, const char *);
		if (!text)
			text = "(null)";
		put_text(o, s, text, strnlen(text, s->precision < 0 ? 1 << 20 : s->precision));
		break;
	case '%':
		put(o, '%');
		break;
	default:		/* show the mistake */
		put(o, '%');
		put(o, conversion);
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };
	struct spec s;
	va_list ap;

	va_copy(ap, args);
	while (*fmt) {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt++;
		parse_spec(&s, &fmt, &ap);
		if (!*fmt)
			break;
		convert(&o, &s, *fmt++, &ap);
	}
	va_end(ap);
	if (size)
		buf[MIN(o.length, size - 1)] = '\0';
	return o.length;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
