/*
 * What the blank form of an exercise calls. (Assembly: EXERCISE_BLANK_ASM in common/asm.h.)
 */
#pragma once

#include "common/types.h"

/*
 * Say once per exercise, directly on the first serial port, that it is not written yet. May be
 * called anywhere: before printk works, in interrupts, under any lock. id is "3.2".
 */
void exercise_blank(const char *id);
/* The same for a function that cannot return: then ends with a panic. */
void exercise_blank_noreturn(const char *id) __noreturn;
/* Where the blank form of an assembly function that cannot return jumps to. */
void exercise_halt(void) __noreturn;
/* True once exercise_blank(id) has been called: the tests give no points then. */
bool exercise_is_blank(const char *id);
