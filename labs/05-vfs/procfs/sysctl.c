/*
 * procfs: /proc/sys, what can be asked and set about the kernel (sysctl(8), proc(5)).
 *
 * Programs read these at their start to adapt to the machine; so a constant that says what this
 * kernel does is worth having. What could not be changed has no write permission, rather than
 * ignoring it.
 */
#include "common/errno.h"
#include "common/layout.h"
#include "common/string.h"
#include "02-usermode/process.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/file.h"
#include "03-syscalls/system/random.h"
#include "03-syscalls/system/system.h"
#include "05-vfs/dentry.h"
#include "05-vfs/proc.h"

/* An entry that prints a number that never changes. */
#define CONSTANT(ident, path, value)						\
	static int print_##ident(struct printer *p)				\
	{									\
		print(p, "%lu\n", (u64)(value));				\
		return 0;							\
	}									\
	PROC_ENTRY(sys_##ident, "sys/" path, 0444, print_##ident, NULL)

#define NAME(ident, path, field)						\
	static int print_##ident(struct printer *p)				\
	{									\
		struct utsname u;						\
										\
		system_names(&u);						\
		print(p, "%s\n", u.field);					\
		return 0;							\
	}

NAME(ostype, "kernel/ostype", sysname)
PROC_ENTRY(sys_ostype, "sys/kernel/ostype", 0444, print_ostype, NULL);
NAME(osrelease, "kernel/osrelease", release)
PROC_ENTRY(sys_osrelease, "sys/kernel/osrelease", 0444, print_osrelease, NULL);
NAME(version, "kernel/version", version)
PROC_ENTRY(sys_version, "sys/kernel/version", 0444, print_version, NULL);
NAME(hostname, "kernel/hostname", nodename)
NAME(domainname, "kernel/domainname", domainname)

static int write_hostname(char *text)
{
	return capable(CAP_SYS_ADMIN) ? system_set_nodename(text, strlen(text)) : -EPERM;
}
PROC_ENTRY(sys_hostname, "sys/kernel/hostname", 0644, print_hostname, write_hostname);

static int write_domainname(char *text)
{
	return capable(CAP_SYS_ADMIN) ? system_set_domainname(text, strlen(text)) : -EPERM;
}
PROC_ENTRY(sys_domainname, "sys/kernel/domainname", 0644, print_domainname, write_domainname);

CONSTANT(pid_max, "kernel/pid_max", PID_MAX);
CONSTANT(threads_max, "kernel/threads-max", PID_MAX);
CONSTANT(ngroups_max, "kernel/ngroups_max", 65536);
CONSTANT(cap_last_cap, "kernel/cap_last_cap", CAP_LAST_CAP);
CONSTANT(randomize_va_space, "kernel/randomize_va_space", 2);
CONSTANT(overflowuid, "kernel/overflowuid", 65534);
CONSTANT(overflowgid, "kernel/overflowgid", 65534);
CONSTANT(kptr_restrict, "kernel/kptr_restrict", 1);
CONSTANT(dmesg_restrict, "kernel/dmesg_restrict", 0);
CONSTANT(tainted, "kernel/tainted", 0);
CONSTANT(panic, "kernel/panic", 0);

static int print_printk(struct printer *p)
{
	print(p, "7\t4\t1\t7\n");
	return 0;
}
PROC_ENTRY(sys_printk, "sys/kernel/printk", 0444, print_printk, NULL);

/* ---- random ---- */

static void print_uuid(struct printer *p, const u8 *u)
{
	for (int n = 0; n < 16; n++)
		print(p, "%s%02x", n == 4 || n == 6 || n == 8 || n == 10 ? "-" : "", u[n]);
	print_char(p, '\n');
}

/* Version 4: all random but for six bits (RFC 4122). */
static void make_uuid(u8 *u)
{
	random_bytes(u, 16);
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
}

static int print_random_uuid(struct printer *p)
{
	u8 u[16];

	make_uuid(u);
	print_uuid(p, u);
	return 0;
}
PROC_ENTRY(random_uuid, "sys/kernel/random/uuid", 0444, print_random_uuid, NULL);

/* Made when first asked for; one per boot. */
static int print_boot_id(struct printer *p)
{
	static u8 boot_id[16];

	if (!boot_id[6])
		make_uuid(boot_id);
	print_uuid(p, boot_id);
	return 0;
}
PROC_ENTRY(boot_id, "sys/kernel/random/boot_id", 0444, print_boot_id, NULL);
CONSTANT(entropy_avail, "kernel/random/entropy_avail", 256);
CONSTANT(poolsize, "kernel/random/poolsize", 256);

/* ---- vm ---- */

CONSTANT(overcommit_memory, "vm/overcommit_memory", 0);
CONSTANT(overcommit_ratio, "vm/overcommit_ratio", 50);
CONSTANT(max_map_count, "vm/max_map_count", 65530);
CONSTANT(mmap_min_addr, "vm/mmap_min_addr", USER_MIN);
CONSTANT(swappiness, "vm/swappiness", 60);

/* ---- fs ---- */

CONSTANT(file_max, "fs/file-max", 1048576);
CONSTANT(nr_open, "fs/nr_open", 1048576);
CONSTANT(pipe_max_size, "fs/pipe-max-size", 1048576);
CONSTANT(protected_hardlinks, "fs/protected_hardlinks", 0);
CONSTANT(protected_symlinks, "fs/protected_symlinks", 0);
CONSTANT(suid_dumpable, "fs/suid_dumpable", 0);

static int print_file_nr(struct printer *p)
{
	print(p, "%lu\t0\t1048576\n", file_count_open());
	return 0;
}
PROC_ENTRY(sys_file_nr, "sys/fs/file-nr", 0444, print_file_nr, NULL);

static int print_dentry_state(struct printer *p)
{
	print(p, "%lu\t%lu\t45\t0\t0\t0\n", dentry_count(), dentry_count());
	return 0;
}
PROC_ENTRY(sys_dentry_state, "sys/fs/dentry-state", 0444, print_dentry_state, NULL);
