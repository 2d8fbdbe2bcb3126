/*
 * `memmap=MS` on the command line: what memory looks like, for `make memmap` to draw
 * (common/memmap.awk). Goes to the debug console if there is one, else to the console.
 *
 * Lab 01 prints a map when the boot is done; lab 02 prints one with the processes MS milliseconds
 * after the first of them began, and ends the machine. The last map counts.
 */
#pragma once

#include "01-memory/pagetable.h"

/* One line of the map. May be called anywhere. */
void memmap_line(const char *fmt, ...) __printf(1, 2);
/* Begin a map: the loader's ranges, who owns the frames, the kernel's half of the page tables. */
void memmap_print(void);

/*
 * Call fn for each page mapped in [start, end) of the tables with top-level `top`: its address, its
 * size, and its entry, whose permissions are what all levels together allow. Looks at the tables
 * alone: no lock, no exercise.
 */
void memmap_walk(const pte_t *top, vaddr_t start, vaddr_t end,
		 void (*fn)(vaddr_t va, u64 size, pte_t e, void *arg), void *arg);
