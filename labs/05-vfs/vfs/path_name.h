/*
 * Texts of paths in more detail than path_name() gives (path_name.c).
 */
#pragma once

#include "05-vfs/dentry.h"

/*
 * Text of p as seen from root, into buf's end: pointer into buf, or ERR_PTR(-ENAMETOOLONG).
 * *reached: whether p lies below root; if not, the text begins at the top that p can see.
 */
char *path_name_from(const struct path *p, const struct path *root, char *buf, size_t size,
		     bool *reached);
/* The path of d within its own file system. */
char *dentry_name(struct dentry *d, char *buf, size_t size);
