/*
 * Opening by name (open.c), for the system calls.
 */
#pragma once

#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"

/* file_open() with further LOOKUP_ flags (openat2's RESOLVE_). flags are valid and consistent. */
struct file *file_open_how(int dirfd, const char *name, int flags, u32 mode, unsigned lookup);
