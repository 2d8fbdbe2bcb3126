/*
 * Threads of libmini: what a C library's pthread_create() and pthread_join() come down to. The
 * kernel clears `tid` when the thread is gone and wakes who waits for that
 * (CLONE_CHILD_CLEARTID).
 */
#include "mini.h"

#define STACK_SIZE	65536
/* VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID */
#define CLONE_FLAGS	0x3d0f00
#define PROT_READ_WRITE	3
#define MAP_PRIVATE_ANONYMOUS	0x22
#define NR_MMAP		9
#define NR_MUNMAP	11
#define NR_FUTEX	202

/* The dynamic linker's. */
void *_dl_allocate_tls(void);
void _dl_deallocate_tls(void *tp);
/* thread.S */
long mini_clone(unsigned long flags, void *stack, int *tid, void *tp, void (*fn)(void *),
		void *arg);

static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

long mini_thread_start(struct mini_thread *t, void (*fn)(void *), void *arg)
{
	long stack = call6(NR_MMAP, 0, STACK_SIZE, PROT_READ_WRITE,
			   MAP_PRIVATE_ANONYMOUS, -1, 0);
	long ret;

	if (stack < 0)
		return stack;
	t->stack = (char *)stack;
	t->tp = _dl_allocate_tls();
	if (!t->tp)
		return -12;
	ret = mini_clone(CLONE_FLAGS, t->stack + STACK_SIZE, &t->tid, t->tp, fn, arg);
	return ret < 0 ? ret : 0;
}

void mini_wait(int *word, int value)
{
	call6(NR_FUTEX, (long)word, 0 /* FUTEX_WAIT */, value, 0, 0, 0);
}

void mini_wake(int *word)
{
	call6(NR_FUTEX, (long)word, 1 /* FUTEX_WAKE */, 1000, 0, 0, 0);
}

void mini_thread_join(struct mini_thread *t)
{
	int tid;

	while ((tid = __atomic_load_n(&t->tid, __ATOMIC_ACQUIRE)))
		mini_wait(&t->tid, tid);
	_dl_deallocate_tls(t->tp);
	call6(NR_MUNMAP, (long)t->stack, STACK_SIZE, 0, 0, 0, 0);
}
