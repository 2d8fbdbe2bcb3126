/*
 * Files that are in no directory (memory_file.c).
 */
#pragma once

#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"

/*
 * A new open file of that size with zeroes, whose name is only for show ("memfd:x"); mode: its
 * permissions; flags: O_RDWR and the like. ERR_PTR(-ENOMEM, ...). It vanishes with its last reference.
 */
struct file *memory_file(const char *name, u32 mode, loff_t size, int flags);

/* A place at which a special file such as st describes can be opened again: 0 with *p held, or errno. */
int memory_node_path(const struct stat *st, struct path *p);
/* The same for an inode that has no name of its own (a pipe's). */
int inode_unnamed_path(struct inode *i, struct path *p);
