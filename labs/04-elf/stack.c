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

int exec_build_stack(struct exec *x)
{
	/* EXERCISE 4.2: your code here. */
	exercise_blank("4.2");
	return -ENOMEM;
}
