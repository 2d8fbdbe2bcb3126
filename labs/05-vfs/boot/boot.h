/*
 * From a booted kernel to a root file system (boot/).
 */
#pragma once

/*
 * Unpack the initial ramdisk, if there is one, into the root (a tmpfs), and free its memory. Panics
 * if it is compressed or damaged.
 */
void initramfs_unpack(void);

/*
 * Mount what root= names over the initial root and make it the root directory. Panics, with the
 * list of block devices, if that cannot be done.
 */
void root_mount(void);
