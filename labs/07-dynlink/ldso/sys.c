/*
 * The linker's system calls (psABI A.2.1: arguments in rdi, rsi, rdx, r10, r8, r9; the result
 * or a negative errno in rax). common/abi has no list of their numbers: the kernel gets it from
 * its table.
 */
#include "common/abi/stat.h"
#include "07-dynlink/ldso/sys.h"

enum {
	NR_WRITE = 1, NR_CLOSE = 3, NR_FSTAT = 5, NR_MMAP = 9, NR_MPROTECT = 10, NR_MUNMAP = 11,
	NR_PREAD64 = 17, NR_READLINK = 89, NR_ARCH_PRCTL = 158, NR_FUTEX = 202,
	NR_EXIT_GROUP = 231, NR_OPENAT = 257,
};

#define AT_FDCWD_		((u64)-100)
#define OPEN_RDONLY_CLOEXEC	02000000
#define ARCH_SET_FS		0x1002
#define FUTEX_WAIT_PRIVATE	128
#define FUTEX_WAKE_PRIVATE	129

static s64 call6(s64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register u64 r10 __asm__("r10") = d;
	register u64 r8 __asm__("r8") = e;
	register u64 r9 __asm__("r9") = f;
	s64 ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

int sys_open(const char *path)
{
	return (int)call6(NR_OPENAT, AT_FDCWD_, (u64)path, OPEN_RDONLY_CLOEXEC, 0, 0, 0);
}

s64 sys_pread(int fd, void *buf, u64 n, u64 offset)
{
	return call6(NR_PREAD64, (u64)fd, (u64)buf, n, offset, 0, 0);
}

void sys_close(int fd)
{
	call6(NR_CLOSE, (u64)fd, 0, 0, 0, 0, 0);
}

int sys_identity(int fd, u64 *device, u64 *inode)
{
	struct stat st;
	int err = (int)call6(NR_FSTAT, (u64)fd, (u64)&st, 0, 0, 0, 0);

	if (!err) {
		*device = st.st_dev;
		*inode = st.st_ino;
	}
	return err;
}

s64 sys_mmap(u64 addr, u64 size, int prot, int flags, int fd, u64 offset)
{
	return call6(NR_MMAP, addr, size, (u64)prot, (u64)flags, (u64)fd, offset);
}

void sys_munmap(u64 addr, u64 size)
{
	call6(NR_MUNMAP, addr, size, 0, 0, 0, 0);
}

int sys_mprotect(u64 addr, u64 size, int prot)
{
	return (int)call6(NR_MPROTECT, addr, size, (u64)prot, 0, 0, 0);
}

void sys_set_thread_pointer(void *tp)
{
	if (call6(NR_ARCH_PRCTL, ARCH_SET_FS, (u64)tp, 0, 0, 0, 0) < 0) {
		sys_write("ld-trellis.so: the kernel refuses the thread pointer\n");
		sys_exit(127);
	}
}

s64 sys_readlink(const char *path, char *buf, u64 size)
{
	return call6(NR_READLINK, (u64)path, (u64)buf, size, 0, 0, 0);
}

void sys_write(const char *s)
{
	u64 n = 0;

	while (s[n])
		n++;
	call6(NR_WRITE, 2, (u64)s, n, 0, 0, 0);
}

void sys_exit(int status)
{
	for (;;)
		call6(NR_EXIT_GROUP, (u64)status, 0, 0, 0, 0, 0);
}

void sys_futex_wait(u32 *word, u32 value)
{
	call6(NR_FUTEX, (u64)word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
}

void sys_futex_wake_one(u32 *word)
{
	call6(NR_FUTEX, (u64)word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}
