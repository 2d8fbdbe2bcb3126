/*
 * Which program becomes process 1 (start_init.h).
 *
 * As on Linux: with an initial ramdisk that has /init (or what rdinit= names), that; else what
 * init= names, and nothing else if that fails; else the usual places, the first that exists. A
 * program that exists but cannot be run is not passed over: the shell behind it would hide the
 * mistake.
 */
#include "common/cmdline.h"
#include "common/errno.h"
#include "common/panic.h"
#include "04-elf/init.h"
#include "05-vfs/boot/start_init.h"
#include "05-vfs/dentry.h"
#include "03-syscalls/file.h"

CMDLINE_WORD(init, "init");
CMDLINE_WORD(rdinit, "rdinit");

static const char *ramdisk_init(void)
{
	const char *name = cmdline_get("rdinit");

	return name && *name ? name : "/init";
}

/* While the root is still the initial one. */
static bool from_ramdisk;

bool initramfs_has_init(void)
{
	struct path p;

	from_ramdisk = path_lookup(AT_FDCWD, ramdisk_init(), LOOKUP_FOLLOW, &p) == 0;
	if (from_ramdisk)
		path_put(&p);
	return from_ramdisk;
}

/* -ENOENT and the like; with a word on the ones that puzzle. */
static const char *hint(int error)
{
	return error == -ENOENT ? " (no such file, or its interpreter is missing)" :
	       error == -ENOEXEC ? " (it is no program for this machine)" :
	       error == -EACCES ? " (it is not executable)" :
	       error == -EISDIR ? " (it is a directory)" : "";
}

/* Returning from here enters user mode, in the program that init_exec() has loaded. */
void init_thread(void *arg)
{
	static const char *const usual[] = { "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };
	const char *name = from_ramdisk ? ramdisk_init() : cmdline_get("init");
	int error;

	if (name && *name) {
		error = init_exec(name);
		if (error)
			panic("Requested init %s failed: error %d%s", name, error, hint(error));
		return;
	}
	for (unsigned n = 0; n < ARRAY_SIZE(usual); n++) {
		error = init_exec(usual[n]);
		if (!error)
			return;
		if (error != -ENOENT)
			panic("Starting init: %s exists but couldn't be run: error %d%s", usual[n],
			      error, hint(error));
	}
	panic("No working init found. Try passing init= option to kernel.");
}
