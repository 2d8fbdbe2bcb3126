/*
 * What -fsanitize=undefined calls in debug builds: each kind of undefined behaviour has a
 * handler that gets a description of the place (GCC's libsanitizer defines the layouts). They
 * warn, with file and line, and go on.
 */
#include "common/panic.h"
#include "common/printk.h"

struct location {
	const char *file;
	u32 line, column;
};

static void report(const struct location *where, const char *what)
{
	static int reports;

	if (reports >= 50)	/* the first ones tell the story */
		return;
	reports++;
	printk("UBSan: %s:%u:%u: %s\nbacktrace:\n", where->file, where->line, where->column, what);
	backtrace((u64)__builtin_frame_address(0));
}

/* Every description begins with its location; the rest of it and the values are not needed. */
#define HANDLER(name, text)							\
	void __ubsan_handle_##name(const void *data, u64 a, u64 b);		\
	void __ubsan_handle_##name(const void *data, u64 a, u64 b)		\
	{									\
		report(data, text);						\
	}

HANDLER(add_overflow, "signed addition overflows")
HANDLER(sub_overflow, "signed subtraction overflows")
HANDLER(mul_overflow, "signed multiplication overflows")
HANDLER(negate_overflow, "negation overflows")
HANDLER(divrem_overflow, "division by zero, or it overflows")
HANDLER(shift_out_of_bounds, "shift by a negative count or by the width or more")
HANDLER(out_of_bounds, "array index out of bounds")
HANDLER(load_invalid_value, "a bool or enum holds a value it cannot have")
HANDLER(pointer_overflow, "pointer arithmetic overflows")
HANDLER(nonnull_arg, "NULL passed where it is not allowed")
HANDLER(vla_bound_not_positive, "variable-length array of no length")
HANDLER(invalid_builtin, "builtin called with a value it does not take")

/* Here the location comes first too, but the text depends on the pointer. */
void __ubsan_handle_type_mismatch_v1(const struct location *where, u64 pointer);
void __ubsan_handle_type_mismatch_v1(const struct location *where, u64 pointer)
{
	report(where, pointer < PAGE_SIZE ? "access through a NULL pointer" :
	       "misaligned access, or to an object that is too small");
}

void __ubsan_handle_builtin_unreachable(const struct location *where) __noreturn;
void __ubsan_handle_builtin_unreachable(const struct location *where)
{
	report(where, "code that cannot be reached was reached");
	panic("unreachable code");
}
