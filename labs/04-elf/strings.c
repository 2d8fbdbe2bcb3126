/*
 * The strings of a new program, copied straight from the old address space to the top of the new
 * stack: first the program's name, below it the environment, below that the arguments, the first
 * one lowest.
 *
 * There is no list of where the strings begin: they lie one behind the other, so that walking over
 * their ends finds them, and a script's interpreter can be put before them by pushing more strings
 * below. At the top stands a word of zeroes, so a walk ends also if the user changed a terminator
 * meanwhile.
 */
#include "04-elf/strings.h"
#include "common/string.h"
#include "02-usermode/uaccess.h"

int exec_push_string(struct exec *x, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > x->argument_space)
		return -E2BIG;
	x->argument_space -= n;
	x->string_top -= n;
	return mm_access(x->mm, x->string_top, (void *)s, n, true) == n ? 0 : -ENOMEM;
}

/* By page, as the string is in another address space and may cross into the next frame. */
size_t exec_string_size(struct exec *x, vaddr_t addr)
{
	size_t total = 0;

	while (addr + total < x->mm->stack_top) {
		vaddr_t at = addr + total;
		size_t n = PAGE_SIZE - (at & (PAGE_SIZE - 1));
		struct frame *f;
		const char *p, *end;

		if (mm_get_frame(x->mm, at, false, &f))
			return 0;
		p = (char *)frame_to_virt(f) + (at & (PAGE_SIZE - 1));
		end = memchr(p, 0, n);
		n = end ? (size_t)(end - p) + 1 : n;
		frame_put(f);
		total += n;
		if (end)
			return total;
	}
	return 0;
}

/* The bytes stay where they are, above the stack's data; the next string is pushed over them. */
int exec_drop_first_argument(struct exec *x)
{
	size_t n = x->argc ? exec_string_size(x, x->string_top) : 0;

	if (!x->argc)
		return 0;
	if (!n)
		return -EFAULT;
	x->string_top += n;
	x->argc--;
	return 0;
}

/*
 * Failures are collected and told at the end, so that who puts hundreds of words need not look each
 * time.
 */
int stack_flush(struct stack_writer *w)
{
	size_t n = w->count * sizeof(u64);

	if (mm_access(w->x->mm, w->at, w->buffer, n, true) != n)
		w->failed = true;
	w->at += n;
	w->count = 0;
	return w->failed ? -ENOMEM : 0;
}

void stack_put(struct stack_writer *w, u64 word)
{
	w->buffer[w->count++] = word;
	if (w->count == ARRAY_SIZE(w->buffer))
		stack_flush(w);
}

void stack_put_strings(struct stack_writer *w, vaddr_t *string, int n)
{
	for (int i = 0; i < n; i++) {
		size_t size = exec_string_size(w->x, *string);

		if (!size)
			w->failed = true;
		stack_put(w, *string);
		*string += size;
	}
}

int stack_push_bytes(struct exec *x, vaddr_t *top, const void *bytes, size_t n)
{
	*top -= n;
	return mm_access(x->mm, *top, (void *)bytes, n, true) == n ? 0 : -ENOMEM;
}
