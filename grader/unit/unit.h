/*
 * Unit tests: each file gives one suite.
 */
#pragma once

#include <check.h>

/*
 * Each assertion that holds tells the parent process where it is, by a write: far too slow for
 * tests that check an invariant a million times.
 */
#define _mark_point(file, line)	((void)0)

/* UNIT_SUITE(fn): fn() makes a suite. Pointers in a section of their own, gathered by the linker.
 */
typedef Suite *(*suite_fn)(void);
#define UNIT_SUITE(fn)								\
	static const suite_fn unit_##fn						\
	__attribute__((used, section("unit_suites"))) = fn
