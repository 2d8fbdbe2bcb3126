/*
 * Lab 07, booted: the finished system. Process 1 is /init of the initial ramdisk or a program
 * on the disk, statically or dynamically linked.
 */
#include "common/boot_info.h"
#include "common/ktest.h"
#include "02-usermode/process.h"
#include "02-usermode/start.h"
#include "04-elf/init.h"
#include "05-vfs/boot/boot.h"
#include "05-vfs/boot/start_init.h"

static void stage_main(void)
{
	initramfs_unpack();
	ktest_run();		/* returns if no tests were asked for */
	if (!initramfs_has_init())
		root_mount();
	thread_begin(init_create(), init_thread, NULL);
}

void kernel_main(void)
{
	kernel_start(stage_main);
}
