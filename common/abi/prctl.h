/* prctl(2), arch_prctl(2), personality(2), reboot(2), capget(2), getrandom(2), sysinfo(2). */
#pragma once

#define PR_SET_PDEATHSIG	1
#define PR_GET_PDEATHSIG	2
#define PR_GET_DUMPABLE		3
#define PR_SET_DUMPABLE		4
#define PR_GET_UNALIGN		5
#define PR_GET_KEEPCAPS		7
#define PR_SET_KEEPCAPS		8
#define PR_GET_TIMING		13
#define PR_SET_TIMING		14
#define PR_SET_NAME		15
#define PR_GET_NAME		16
#define PR_GET_SECCOMP		21
#define PR_SET_SECCOMP		22
#define PR_CAPBSET_READ		23
#define PR_CAPBSET_DROP		24
#define PR_GET_TSC		25
#define PR_SET_TSC		26
#define PR_GET_SECUREBITS	27
#define PR_SET_SECUREBITS	28
#define PR_SET_TIMERSLACK	29
#define PR_GET_TIMERSLACK	30
#define PR_SET_MM		35
#define PR_SET_CHILD_SUBREAPER	36
#define PR_GET_CHILD_SUBREAPER	37
#define PR_SET_NO_NEW_PRIVS	38
#define PR_GET_NO_NEW_PRIVS	39
#define PR_GET_TID_ADDRESS	40
#define PR_SET_THP_DISABLE	41
#define PR_GET_THP_DISABLE	42
#define PR_CAP_AMBIENT		47
#define PR_CAP_AMBIENT_IS_SET	1
#define PR_CAP_AMBIENT_RAISE	2
#define PR_CAP_AMBIENT_LOWER	3
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#define PR_SET_VMA		0x53564d41
#define PR_SET_PTRACER		0x59616d61

#define ARCH_SET_GS	0x1001
#define ARCH_SET_FS	0x1002
#define ARCH_GET_FS	0x1003
#define ARCH_GET_GS	0x1004

#define PER_MASK		0x000000ff
#define ADDR_NO_RANDOMIZE	0x00040000
#define READ_IMPLIES_EXEC	0x00400000

#define REBOOT_MAGIC1		0xfee1dead
#define REBOOT_MAGIC2		672274793
#define REBOOT_MAGIC2A		85072278
#define REBOOT_MAGIC2B		369367448
#define REBOOT_MAGIC2C		537993216
#define REBOOT_RESTART		0x01234567
#define REBOOT_HALT		0xcdef0123
#define REBOOT_CAD_ON		0x89abcdef
#define REBOOT_CAD_OFF		0x00000000
#define REBOOT_POWER_OFF	0x4321fedc
#define REBOOT_RESTART2		0xa1b2c3d4
#define REBOOT_KEXEC		0x45584543
#define REBOOT_SW_SUSPEND	0xd000fce2

#define GRND_NONBLOCK	1
#define GRND_RANDOM	2
#define GRND_INSECURE	4

#define CAPABILITY_VERSION_1	0x19980330
#define CAPABILITY_VERSION_2	0x20071026
#define CAPABILITY_VERSION_3	0x20080522

#define SECBIT_NOROOT			0x01
#define SECBIT_NO_SETUID_FIXUP		0x04
#define SECBIT_KEEP_CAPS		0x10
#define SECBIT_NO_CAP_AMBIENT_RAISE	0x40
#define SECBIT_ALL_BITS			0x55
#define SECBIT_ALL_LOCKS		0xaa

struct sysinfo {
	long uptime;
	unsigned long loads[3];
	unsigned long totalram, freeram, sharedram, bufferram;
	unsigned long totalswap, freeswap;
	unsigned short procs, pad_;
	unsigned long totalhigh, freehigh;
	unsigned int mem_unit;
	char pad2_[0];
};
