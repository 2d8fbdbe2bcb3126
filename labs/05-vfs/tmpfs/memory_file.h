/*
 * Files that are in no directory (memory_file.c).
 */
#pragma once

#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"

/*
 * A new open file of that size with zeroes, whose name is only for show ("memfd:x"); mode: its
 * permissions; flags: O_RDWR and the like. ERR_PTR(-ENOMEM, ...). It vanishes with its last
 * reference.
 */
struct file *memory_file(const char *name, u32 mode, loff_t size, int flags);

