/*
 * The disk of a test of lab 05: /dev/vda, mounted on /disk, which becomes the working directory.
 */
#pragma once

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "ktap_user.h"

#define MNT	"/disk"

static void disk_mount(void)
{
	mkdir("/dev", 0755);
	mkdir(MNT, 0755);
	if (access("/dev/vda", F_OK) < 0)
		UT_OK(mount("dev", "/dev", "devtmpfs", 0, NULL));
	umount2(MNT, MNT_DETACH);	/* of a test that failed */
	UT_OK(mount("/dev/vda", MNT, "ext2", 0, NULL));
	UT_OK(chdir(MNT));
}

static void disk_unmount(void)
{
	UT_OK(chdir("/"));
	UT_OK(umount(MNT));
}
