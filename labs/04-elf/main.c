/*
 * Lab 04, booted: process 1 is /init of the initial ramdisk, or what rdinit= names.
 */
#include "common/boot_info.h"
#include "common/cmdline.h"
#include "common/ktest.h"
#include "common/panic.h"
#include "common/printk.h"
#include "02-usermode/sched.h"
#include "02-usermode/start.h"
#include "04-elf/exec.h"
#include "04-elf/init.h"
#include "04-elf/initrd.h"

CMDLINE_WORD(rdinit, "rdinit");

/*
 * Say what is wrong with the ramdisk, if anything: the usual mistakes get a sentence and not "not
 * found".
 */
static void check_initrd(void)
{
	u64 size;
	const void *archive = initrd_archive(&size);
	const char *compression;
	struct cpio_entry first;
	u64 offset = 0;

	if (!archive)
		panic("There is no initial ramdisk, and this stage has no other place for "
		      "programs:\n"
		      "  give QEMU a cpio archive (newc) that has /init, with -initrd");
	compression = cpio_compression(archive, size);
	if (compression)
		panic("The initial ramdisk is compressed with %s, which this kernel cannot unpack: "
		      "give it the archive as cpio wrote it", compression);
	if (cpio_next(archive, size, &offset, &first) < 0)
		panic("The initial ramdisk is no cpio archive in newc format (cpio -o -H newc)");
}

/* The first code of process 1: returns to the program's first instruction. */
static void init_thread(void *arg)
{
	const char *name = cmdline_get("rdinit");
	int error;

	if (!name || !*name)
		name = "/init";
	error = init_exec(name);
	if (error)
		panic("init: %s cannot be run: error %d%s", name, error,
		      error == -ENOENT ? " (it is not in the initial ramdisk)" :
		      error == -ENOEXEC ? " (it is no static program for this machine)" : "");
}

static void stage_main(void)
{
	ktest_run();		/* returns if no tests were asked for */
	check_initrd();
	thread_begin(init_create(), init_thread, NULL);
}

void kernel_main(void)
{
	kernel_start(stage_main);
}
