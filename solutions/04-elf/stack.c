/*
 * EXERCISE 4.2: the initial stack of a program.
 *
 * Goal: below the strings, build what a program finds at its first instruction, from rsp upwards:
 * argc; argv[0] ... argv[argc - 1], NULL; the environment's pointers, NULL; the auxiliary vector,
 * pairs up to AT_NULL. The string "x86_64" (AT_PLATFORM) and 16 random bytes (AT_RANDOM) stand
 * between the strings and the vector.
 *
 * Invariant: rsp is a multiple of 16 and points to argc (psABI 3.4.1). The pointers point into
 * the strings, which lie one behind the other from x->string_top: first the arguments, then the
 * environment. Room for all of it counts against x->argument_space.
 *
 * When it is wrong: crashes in SSE instructions long after the start (alignment); argv shifted by
 * one; "no environment" or the first variable as an argument (a missing NULL); glibc dies before
 * main (AT_RANDOM, AT_PHDR).
 *
 * Read first: System V ABI AMD64, 3.4.1 and figure 3.9; strings.h; getauxval(3).
 * Tests: stack_argv, stack_envp, stack_align, stack_auxv, stack_many.
 */
#include "04-elf/strings.h"
#include "common/exercise.h"
#include "common/string.h"
#include "03-syscalls/system/random.h"

#define RANDOM_SIZE	16

/* EXERCISE 4.2 BEGIN  blank-toplevel */
/* Put platform string and random bytes below the strings; where they are. */
static int push_data(struct exec *x, vaddr_t *top, vaddr_t *platform, vaddr_t *random)
{
	static const char name[] = "x86_64";
	u8 bytes[RANDOM_SIZE];
	int error = stack_push_bytes(x, top, name, sizeof(name));

	if (error)
		return error;
	*platform = *top;
	random_bytes(bytes, sizeof(bytes));
	*top = ALIGN_DOWN(*top, 16);
	error = stack_push_bytes(x, top, bytes, sizeof(bytes));
	*random = *top;
	return error;
}

/* For /proc/PID/auxv, which debuggers read. */
static void note_vector(struct mm *mm, u64 pairs[][2], int n)
{
	mm->auxv_words = MIN(2 * n, (int)ARRAY_SIZE(mm->auxv));
	memcpy(mm->auxv, pairs, mm->auxv_words * sizeof(u64));
}
/* EXERCISE 4.2 END */

int exec_build_stack(struct exec *x)
{
	/* EXERCISE 4.2 BEGIN  blank: return -ENOMEM; */
	vaddr_t top = x->string_top, string = x->string_top, platform, random;
	u64 auxv[EXEC_MAX_AUXV][2];
	struct stack_writer w = { .x = x };
	u64 words;
	int n, error;

	error = push_data(x, &top, &platform, &random);
	if (error)
		return error;
	n = exec_auxv(x, platform, random, auxv);
	note_vector(x->mm, auxv, n);
	words = 1 + x->argc + 1 + x->envc + 1 + 2 * n;
	if (words * sizeof(u64) > x->argument_space)
		return -E2BIG;
	x->sp = w.at = ALIGN_DOWN(top - words * sizeof(u64), 16);
	stack_put(&w, x->argc);
	x->arg_start = string;
	stack_put_strings(&w, &string, x->argc);
	stack_put(&w, 0);
	x->env_start = string;
	stack_put_strings(&w, &string, x->envc);
	stack_put(&w, 0);
	x->env_end = string;
	for (int i = 0; i < n; i++) {
		stack_put(&w, auxv[i][0]);
		stack_put(&w, auxv[i][1]);
	}
	return stack_flush(&w);
	/* EXERCISE 4.2 END */
}
