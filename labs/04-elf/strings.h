/* Between exec.c, script.c and stack.c: the strings at the top of the new stack. */
#pragma once

#include "04-elf/exec.h"

/*
 * Put a string of the kernel below the ones that are there, as the next argument before the others
 * (the caller counts it in x->argc): 0, -E2BIG, -ENOMEM.
 */
int exec_push_string(struct exec *x, const char *s);

/* Drop the first argument, argv[0], which is the lowest string: 0 or -EFAULT. */
int exec_drop_first_argument(struct exec *x);

/* Length with terminator of the string at addr in the new address space, or 0. */
size_t exec_string_size(struct exec *x, vaddr_t addr);

/*
 * Build argc, argv, envp and the auxiliary vector below the strings and set x->sp: 0, -ENOMEM,
 * -E2BIG. Exercise 4.2 (stack.c).
 */
int exec_build_stack(struct exec *x);

/* The words of the initial stack on their way to user memory, in order of rising addresses. */
struct stack_writer {
	struct exec *x;
	vaddr_t at;		/* where buffer[0] goes */
	int count;
	bool failed;
	u64 buffer[64];
};

void stack_put(struct stack_writer *w, u64 word);
/* Write what is left: 0 or -ENOMEM. */
int stack_flush(struct stack_writer *w);
/*
 * Put the addresses of n strings that follow each other from *string on, which moves behind them.
 */
void stack_put_strings(struct stack_writer *w, vaddr_t *string, int n);
/* Copy n bytes below *top, which moves down to them: 0 or -ENOMEM. */
int stack_push_bytes(struct exec *x, vaddr_t *top, const void *bytes, size_t n);

/* The auxiliary vector of x: fills at most EXEC_MAX_AUXV pairs, AT_NULL last; returns how many. */
int exec_auxv(struct exec *x, vaddr_t platform, vaddr_t random, u64 pairs[][2]);
