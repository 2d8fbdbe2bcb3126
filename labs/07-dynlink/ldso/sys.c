/*
 * The linker's own small library: system calls, memory, strings, and how it complains.
 */
#include <stdarg.h>

#include "common/abi/mman.h"
#include "common/abi/stat.h"
#include "07-dynlink/ldso/ldso.h"

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
	return (int)call6(257, (u64)-100, (u64)path, O_RDONLY_CLOEXEC, 0, 0, 0);
}

s64 sys_pread(int fd, void *buf, u64 n, u64 offset)
{
	return call6(17, (u64)fd, (u64)buf, n, offset, 0, 0);
}

void sys_close(int fd)
{
	call6(3, (u64)fd, 0, 0, 0, 0, 0);
}

int sys_identity(int fd, u64 *device, u64 *inode)
{
	struct stat st;
	int err = (int)call6(5, (u64)fd, (u64)&st, 0, 0, 0, 0);

	if (!err) {
		*device = st.st_dev;
		*inode = st.st_ino;
	}
	return err;
}

s64 sys_mmap(u64 addr, u64 size, int prot, int flags, int fd, u64 offset)
{
	return call6(9, addr, size, (u64)prot, (u64)flags, (u64)fd, offset);
}

int sys_mprotect(u64 addr, u64 size, int prot)
{
	return (int)call6(10, addr, size, (u64)prot, 0, 0, 0);
}

void sys_set_thread_pointer(void *tp)
{
	if (call6(158, 0x1002 /* ARCH_SET_FS */, (u64)tp, 0, 0, 0, 0) < 0)
		die("the kernel refuses the thread pointer", NULL);
}

s64 sys_readlink(const char *path, char *buf, u64 size)
{
	return call6(89, (u64)path, (u64)buf, size, 0, 0, 0);
}

void sys_exit(int status)
{
	for (;;)
		call6(231, (u64)status, 0, 0, 0, 0, 0);
}

u64 str_len(const char *s)
{
	u64 n = 0;

	while (s[n])
		n++;
	return n;
}

bool str_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool str_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

void mem_copy(void *to, const void *from, u64 n)
{
	char *t = to;
	const char *f = from;

	while (n--)
		*t++ = *f++;
}

void mem_zero(void *to, u64 n)
{
	char *t = to;

	while (n--)
		*t++ = 0;
}

static void say_list(const char *s, va_list ap)
{
	for (; s; s = va_arg(ap, const char *))
		call6(1, 2, (u64)s, str_len(s), 0, 0, 0);
}

void say(const char *first, ...)
{
	va_list ap;

	va_start(ap, first);
	say_list(first, ap);
	va_end(ap);
}

void die(const char *first, ...)
{
	va_list ap;

	say("ld-trellis.so: ", NULL);
	va_start(ap, first);
	say_list(first, ap);
	va_end(ap);
	say("\n", NULL);
	sys_exit(127);
}

/* Memory is taken from the kernel in large pieces and never given back. */
void *allocate(u64 size)
{
	static u64 free, end;
	u64 p;

	size = ALIGN_UP(size, 16UL);
	if (size > end - free) {
		u64 piece = ALIGN_UP(MAX(size, 32768UL), PAGE_SIZE);
		s64 got = sys_mmap(0, piece, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (got < 0)
			die("out of memory", NULL);
		free = (u64)got;
		end = free + piece;
	}
	p = free;
	free += size;
	return (void *)p;
}

char *join(const char *a, u64 a_len, const char *b)
{
	u64 b_len = str_len(b);
	char *s = allocate(a_len + b_len + 2);

	mem_copy(s, a, a_len);
	s[a_len] = '/';
	mem_copy(s + a_len + 1, b, b_len);
	return s;
}

/* common/exercise.h's, for exercises of the linker: said once each. */
void exercise_blank(const char *id)
{
	static const char *last = "";

	if (last[0] && str_equal(last, id))
		return;
	last = id;
	say("exercise ", id, " is not written yet\n", NULL);
}
