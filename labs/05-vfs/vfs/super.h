/*
 * Mounted file systems, for mount(2), sync(2) and the boot (super.c).
 */
#pragma once

#include "05-vfs/inode.h"

struct block_device;

/*
 * super_mount() with the device already found (NULL: none); mount_lock held. The super with a
 * reference, or ERR_PTR: -EBUSY if the device is mounted in another way, what the type's mount
 * gives.
 */
struct super *super_mount_device(const struct fs_type *t, struct block_device *bdev,
				 const char *source, unsigned long flags, const char *data);
/*
 * Change options: 0, -EBUSY (read-only wanted while files are open for writing), ... mount_lock
 * held.
 */
int super_remount(struct super *s, unsigned long flags, const char *data);
/* Every mounted file system, with mount_lock held meanwhile. */
void super_for_each(void (*fn)(struct super *s, void *arg), void *arg);
