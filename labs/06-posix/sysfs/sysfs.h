/*
 * sysfs: a table of {path, mode, function that prints}, gathered from all modules, and entries for
 * what is found at boot (processors, disks); sysfs(5).
 *
 * One value per file is sysfs's rule, where procfs has whole tables: so a program reads a file and
 * needs no parser. Nothing can be written. What is here at all follows from what programs look
 * for, as nothing is hung in and out at run time.
 */
#pragma once

#include "common/linkset.h"
#include "05-vfs/printer.h"

/* /sys/NAME; directories above it appear by themselves. Neither print nor link: a directory. */
struct sys_entry {
	const char *name;
	unsigned mode;			/* permissions of a file */
	int (*print)(struct printer *p, u64 arg);	/* 0 or errno */
	u64 arg;
	const char *link;		/* a symbolic link: what it says */
};
#define SYS_ENTRY(ident, ...)							\
	static LINKSET(sysfs_entries, 50, const struct sys_entry,		\
		       sys_entry_##ident) = { __VA_ARGS__ }

/*
 * Add a file, a link or a directory whose name is made by a format. At boot, on one CPU, from
 * order 46 on; panics without memory. What is found later (partitions of a disk that is divided
 * anew) does not appear. link is copied.
 */
void sysfs_add_file(int (*print)(struct printer *p, u64 arg), u64 arg, const char *name, ...)
	__printf(3, 4);
void sysfs_add_link(const char *link, const char *name, ...) __printf(2, 3);
