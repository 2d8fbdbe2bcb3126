/*
 * Answering the grader's question (grader/ask.h) from a test in the kernel: hash the random
 * argument and the test's id with what the test is about between the two, and print the result.
 */
#pragma once

#include "common/cmdline.h"
#include "common/printk.h"
#include "common/string.h"

#define ANSWER_START	0xcbf29ce484222325UL

/* The random argument of this boot; "" when nobody asks. */
static inline const char *asked(void)
{
	const char *ask = cmdline_get("ask");

	return ask ? ask : "";
}

/* FNV-1a: go on with these bytes. */
static inline u64 answer_add(u64 hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (u8)*s) * 0x100000001b3UL;
	return hash;
}

static inline void answer(const char *id, u64 hash)
{
	printk("answer %s %016lx\n", id, answer_add(hash, id));
}
