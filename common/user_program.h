/*
 * Flat user programs, embedded into the kernel of labs 02 and 03: what labs/0N/user/NAME.c
 * becomes. The image is loaded at USER_PROGRAM_BASE; it begins with the header.
 */
#pragma once

#include "common/linkset.h"

#define USER_PROGRAM_BASE	0x400000UL
#define USER_PROGRAM_MAGIC	0x54414c464c455254UL	/* "TRELFLAT" in memory */

/*
 * First bytes of the image; all members but magic are virtual addresses. Text (with constants)
 * is [BASE, text_end), data starts on the next page and ends at data_end, which is
 * also the end of the image; zeros follow until bss_end.
 */
struct user_program_header {
	u64 magic, text_end, data_end, bss_end, entry;
};

struct user_program {
	const char *name;		/* file name without its suffix */
	const void *start, *end;	/* the image, page-aligned */
};
/* linkset_for_each(user_programs, const struct user_program, p) */
