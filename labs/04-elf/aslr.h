/*
 * Where things go in an address space, and how much chance there is in it.
 *
 *	program (ET_EXEC where it says; else PIE_BASE + random), heap + random above it,
 *	mmap area growing down from below the stack's largest size - random,
 *	stack growing down from USER_END - random.
 */
#pragma once

#include "common/layout.h"
#include "04-elf/exec.h"

/* Two thirds up, as Linux's ELF_ET_DYN_BASE. */
#define PIE_BASE		(USER_END / 3 * 2 & PAGE_MASK)
/* Of page numbers: 28 bits are a terabyte of places. */
#define PIE_RANDOM_BITS		28
#define BRK_RANDOM_BITS		13
#define MMAP_RANDOM_BITS	28
#define STACK_RANDOM_BITS	22

/* Choose stack_top and mmap_base of an empty mm for a stack that may grow to mm->limit_stack. */
void aslr_layout(struct mm *mm);
