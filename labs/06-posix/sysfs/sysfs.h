/*
 * sysfs: a table of {path, mode, function that prints}, gathered from all modules; sysfs(5).
 */
#pragma once

#include "common/linkset.h"
#include "05-vfs/printer.h"

/* /sys/NAME; directories above it appear by themselves. print NULL: a directory, perhaps an empty
 * one. */
struct sys_entry {
	const char *name;
	unsigned mode;			/* permissions of a file */
	int (*print)(struct printer *p);	/* 0 or errno */
};
#define SYS_ENTRY(ident, ...)							\
	static LINKSET(sysfs_entries, 50, const struct sys_entry,		\
		       sys_entry_##ident) = { __VA_ARGS__ }
