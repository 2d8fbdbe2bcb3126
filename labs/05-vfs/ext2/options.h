/* Mount options of ext2. */
#pragma once

struct ext2_fs;

/*
 * Apply an option string ("errors=remount-ro,noacl"; may be NULL): 0, or -EINVAL for one that is
 * not known.
 */
int ext2_parse_options(struct ext2_fs *fs, const char *data);
