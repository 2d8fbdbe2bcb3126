/*
 * Making nodes in devtmpfs besides devtmpfs_node() and devtmpfs_remove() of inode.h.
 */
#pragma once

#include "common/types.h"

/* A symbolic link in /dev: 0 or errno. */
int devtmpfs_link(const char *name, const char *target);
/* The name that a format such as "ttyS%d" means for number n. */
void device_node_name(char *buf, size_t size, const char *format, unsigned n);
