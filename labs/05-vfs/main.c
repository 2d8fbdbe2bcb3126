/*
 * Lab 05, booted: process 1 is /init of the initial ramdisk or, as on Linux, a program on the disk
 * that root= names (init(1), kernel-parameters.txt: "init=", "rdinit=", "root=").
 */
#include "common/boot_info.h"
#include "common/ktest.h"
#include "02-usermode/process.h"
#include "02-usermode/start.h"
#include "04-elf/init.h"
#include "05-vfs/boot/boot.h"
#include "05-vfs/boot/start_init.h"

/*
 * The order: the ramdisk first, since it may hold the tests' files; tests before the disk is
 * mounted, since they want it for themselves; init last.
 */
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
