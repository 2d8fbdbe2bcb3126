/*
 * INT 0x80: the first system calls, with the numbers and registers of Linux's i386 ABI
 * (EAX the number, then EBX, ECX, EDX): exit, write, sched_yield.
 */
#include "common/cmdline.h"
#include "common/console.h"
#include "common/init.h"
#include "common/x86.h"
#include "02-usermode/uaccess.h"
#include "02-usermode/user.h"

#define INT80_EXIT		1
#define INT80_WRITE		4
#define INT80_SCHED_YIELD	158

/* Without files yet: 1 and 2 are the console, and 3 is the grader's port if a test runs. */
static long sys_write(int fd, u64 buf, u32 n)
{
	char chunk[128];
	long done = 0;

	if (fd != 1 && fd != 2 && !(fd == 3 && cmdline_has("ktap")))
		return -EBADF;
	while (done < n && !thread_killed(current)) {
		size_t len = MIN(n - done, sizeof(chunk));

		if (copy_from_user(chunk, (void __user *)(buf + done), len))
			return done ? done : -EFAULT;
		if (fd == 3)
			serial2_write(chunk, len);
		else
			console_write(chunk, len);
		done += len;
	}
	return done;
}

static bool int80(struct trap *t)
{
	struct trapframe *f = t->frame;
	long ret;

	if (!trap_from_user(f))
		return false;
	f->orig_rax = (u32)f->rax;
	sti();
	switch ((u32)f->rax) {
	case INT80_EXIT:
		process_exit((f->rbx & 0xff) << 8);
	case INT80_WRITE:
		ret = sys_write((int)f->rbx, (u32)f->rcx, (u32)f->rdx);
		break;
	case INT80_SCHED_YIELD:
		thread_yield();
		ret = 0;
		break;
	default:
		ret = -ENOSYS;
	}
	f->rax = ret;
	cli();
	return true;
}

static void int80_init(void)
{
	trap_set_handler(VECTOR_SYSCALL, int80);
}
INITCALL(30, int80_init);
