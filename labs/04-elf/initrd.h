/*
 * The initial ramdisk: the cpio archive that the boot loader put into memory, as it is. Lab 04 runs
 * programs from it; lab 05 unpacks it into a file system.
 */
#pragma once

#include "common/types.h"
#include "04-elf/cpio.h"

/* The archive's bytes; NULL and size 0 if the boot loader brought none. */
const void *initrd_archive(u64 *size);

/*
 * The entry that a path names, links followed in all components; relative paths begin at the
 * root. 0, -ENOENT, -ENOTDIR, -ELOOP, -ENAMETOOLONG, -EINVAL (the archive is damaged).
 */
int initrd_lookup(const char *path, struct cpio_entry *e);
