/*
 * Questions: evidence that lies outside of the tests' own reports.
 *
 * Each boot gets a random argument, the word `ask=` of the kernel's command line, which init
 * finds in its environment. A test that a directive names must answer with a hash of it and of the
 * test's id, in a place that the grader looks at itself; else its "ok" does not count:
 *
 *	@ask pt_mmu console		a line "answer pt_mmu HASH" on the console
 *	@ask disk_evidence /a/file	HASH in this file on the disk, once the machine is off
 */
#pragma once

#include "judge.h"

/* The hash as 16 hexadecimal digits: FNV-1a of 64 bits over `ask`, then the id. To be freed. */
char *ask_answer(const char *ask, const char *id);

/*
 * What is missing of the answer of test `id` in a boot with this console (NULL: none), as a
 * sentence to be freed; NULL if nothing is, or nothing was asked.
 */
char *ask_missing(const struct job *j, const char *id, const char *console);
