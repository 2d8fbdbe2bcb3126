/*
 * Exercise 7.3: waiting for a word of memory and waking, by the system call itself and by threads
 * of the C library.
 *
 * @cflags -pthread
 */
#define _GNU_SOURCE 1
#include "ktap_user.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

static int word;

static long futex(int *addr, int op, int val, const void *timeout, int *addr2, unsigned val3)
{
	return syscall(SYS_futex, addr, op, val, timeout, addr2, val3);
}

static long wait_on(int *addr, int val, const struct timespec *timeout)
{
	return futex(addr, FUTEX_WAIT_PRIVATE, val, timeout, NULL, 0);
}

static long wake(int *addr, int n)
{
	return futex(addr, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

static long ms_between(const struct timespec *a, const struct timespec *b)
{
	return (b->tv_sec - a->tv_sec) * 1000 + (b->tv_nsec - a->tv_nsec) / 1000000;
}

/* Wake until n waiters in all have been woken; threads need time to get there. */
static long wake_until(int *addr, int op, int n, unsigned bits)
{
	long woken = 0;

	for (int i = 0; i < 500 && woken < n; i++) {
		long got = futex(addr, op, n - (int)woken, NULL, NULL, bits);

		if (got < 0)
			return got;
		woken += got;
		if (woken < n)
			usleep(10000);
	}
	return woken;
}

static void *waiter(void *arg)
{
	return (void *)wait_on(arg, 0, NULL);
}

UTEST(futex_value, "7.3", 2, "FUTEX_WAIT returns EAGAIN at once if the word has another value")
{
	pthread_t t;
	void *result;

	word = 0;
	UT_EQ(pthread_create(&t, NULL, waiter, &word), 0);
	UT_EQ(wake_until(&word, FUTEX_WAKE_PRIVATE, 1, 0), 1);
	UT_EQ(pthread_join(t, &result), 0);
	UT_EQ((long)result, 0);
	UT_ERRNO(wait_on(&word, 1, NULL), EAGAIN);
	UT_EQ(wake(&word, 1), 0);
	UT_ERRNO(wait_on((int *)((char *)&word + 1), 0, NULL), EINVAL);
	UT_ERRNO(futex((int *)16, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
}

#define ROUNDS 2000

static void *partner(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) != 1)
			wait_on(&word, 0, NULL);
		__atomic_store_n(&word, 0, __ATOMIC_SEQ_CST);
		wake(&word, 1);
	}
	return arg;
}

UTEST(futex_pingpong, "7.3", 3, "two threads hand a word to each other 2000 times; no wake-up is lost")
{
	pthread_t t;

	word = 0;
	UT_EQ(pthread_create(&t, NULL, partner, NULL), 0);
	alarm(20);
	for (int i = 0; i < ROUNDS; i++) {
		__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
		UT_OK(wake(&word, 1));
		while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) != 0)
			wait_on(&word, 1, NULL);
	}
	UT_EQ(pthread_join(t, NULL), 0);
}

UTEST(futex_count, "7.3", 2, "FUTEX_WAKE wakes as many waiters as asked for, and returns how many")
{
	pthread_t t[4];
	static int other[4096];

	word = 0;
	for (int i = 0; i < 4; i++)
		UT_EQ(pthread_create(&t[i], NULL, waiter, &word), 0);
	usleep(100000);
	for (int i = 0; i < 4096; i++)	/* some of them are in the same bucket */
		UT_EQ(wake(&other[i], 4), 0);
	UT_EQ(wake_until(&word, FUTEX_WAKE_PRIVATE, 1, 0), 1);
	UT_EQ(wake_until(&word, FUTEX_WAKE_PRIVATE, 3, 0), 3);
	for (int i = 0; i < 4; i++)
		UT_EQ(pthread_join(t[i], NULL), 0);
	UT_EQ(wake(&word, 100), 0);
}

static void *bit_waiter(void *arg)
{
	return (void *)futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (unsigned)(long)arg);
}

UTEST(futex_bitset, "7.3", 1, "FUTEX_WAKE_BITSET wakes only waiters whose set has a bit in common")
{
	pthread_t a, b;

	word = 0;
	UT_EQ(pthread_create(&a, NULL, bit_waiter, (void *)1L), 0);
	UT_EQ(pthread_create(&b, NULL, bit_waiter, (void *)2L), 0);
	usleep(100000);
	UT_EQ(wake_until(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, 2), 1);
	UT_EQ(pthread_join(b, NULL), 0);
	UT_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 2 | 4), 0);
	UT_EQ(wake_until(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, 1), 1);
	UT_EQ(pthread_join(a, NULL), 0);
	UT_ERRNO(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 0), EINVAL);
}

UTEST(futex_timeout, "7.3", 2, "a wait ends with ETIMEDOUT after its time, relative or absolute, on either clock")
{
	struct timespec before, after, t = { 0, 50000000 };

	word = 0;
	clock_gettime(CLOCK_MONOTONIC, &before);
	UT_ERRNO(wait_on(&word, 0, &t), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &after);
	UT_MSG(ms_between(&before, &after) >= 49, "the wait of 50 ms ended after %ld ms",
	       ms_between(&before, &after));
	clock_gettime(CLOCK_REALTIME, &t);
	UT_ERRNO(futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &t, NULL, 1),
		 ETIMEDOUT);
	t.tv_nsec = 1000000000;
	UT_ERRNO(wait_on(&word, 0, &t), EINVAL);
}

UTEST(futex_shared, "7.3", 1, "a wait in shared memory is ended by a process that maps it elsewhere")
{
	int *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int *q, status;
	pid_t child;

	UT_ASSERT(p != MAP_FAILED);
	child = fork();
	UT_ASSERT(child >= 0);
	if (child == 0) {
		alarm(20);
		_exit(futex(p + 1, FUTEX_WAIT, 0, NULL, NULL, 0) != 0);
	}
	q = mremap(p, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, (char *)p + (1 << 24));
	UT_ASSERT(q != MAP_FAILED);
	UT_EQ(futex(q, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	UT_EQ(wake_until(q + 1, FUTEX_WAKE, 1, 0), 1);
	UT_EQ(waitpid(child, &status, 0), child);
	UT_EQ(status, 0);
}

/* ---- given code that builds on it ---- */

UTEST(futex_requeue, "7.3", 0, "FUTEX_CMP_REQUEUE moves waiters to another word, where they can be woken")
{
	static int second;
	pthread_t t[3];
	long moved = 0;

	word = 0;
	for (int i = 0; i < 3; i++)
		UT_EQ(pthread_create(&t[i], NULL, waiter, &word), 0);
	UT_ERRNO(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)10L, &second, 5), EAGAIN);
	for (int i = 0; i < 500 && moved < 3; i++) {
		long n = futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)10L, &second, 0);

		UT_ASSERT(n >= 0);
		moved += n;
		usleep(10000);
	}
	UT_EQ(moved, 3);
	UT_EQ(wake(&word, 3), 0);
	UT_EQ(wake(&second, 3), 3);
	for (int i = 0; i < 3; i++)
		UT_EQ(pthread_join(t[i], NULL), 0);
}

UTEST(futex_wake_op, "7.3", 0, "FUTEX_WAKE_OP changes the second word and wakes waiters of both")
{
	static int second;

	word = 0;
	second = 5;
	UT_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &second,
		    FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)), 0);
	UT_EQ(second, 8);
	UT_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &second,
		    FUTEX_OP(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_GT, 5)), 0);
	UT_EQ(second, 0);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static __thread int mine;
static long total;

static void *worker(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		total++;
		mine++;
		pthread_mutex_unlock(&mutex);
	}
	pthread_barrier_wait(&barrier);
	return (void *)(long)mine;
}

UTEST(threads_mutex, "7.3", 2, "four threads count to 4000 under a mutex, each with its own __thread variable")
{
	pthread_t t[4];
	void *result;

	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 4; i++)
		UT_EQ(pthread_create(&t[i], NULL, worker, NULL), 0);
	for (int i = 0; i < 4; i++) {
		UT_EQ(pthread_join(t[i], &result), 0);
		UT_EQ((long)result, 1000);
	}
	UT_EQ(total, 4000);
	UT_EQ(mine, 0);
}

static void *signaller(void *arg)
{
	usleep(50000);
	pthread_mutex_lock(&mutex);
	word = 1;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
	return arg;
}

UTEST(threads_cond, "7.3", 0, "a condition variable wakes a thread, and times out when nobody signals")
{
	struct timespec t;
	pthread_t other;

	word = 0;
	UT_EQ(pthread_create(&other, NULL, signaller, NULL), 0);
	pthread_mutex_lock(&mutex);
	while (!word)
		pthread_cond_wait(&cond, &mutex);
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec = (t.tv_nsec + 30000000) % 1000000000;
	t.tv_sec += t.tv_nsec < 30000000;
	UT_EQ(pthread_cond_timedwait(&cond, &mutex, &t), ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	UT_EQ(pthread_join(other, NULL), 0);
}

static pthread_mutex_t robust;

static void *die_holding(void *arg)
{
	pthread_mutex_lock(&robust);
	return arg;
}

UTEST(threads_robust, "7.3", 2, "a robust mutex whose owner ended is taken over with EOWNERDEAD")
{
	pthread_mutexattr_t attr;
	pthread_t t;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	UT_EQ(pthread_create(&t, NULL, die_holding, NULL), 0);
	UT_EQ(pthread_join(t, NULL), 0);
	UT_EQ(pthread_mutex_lock(&robust), EOWNERDEAD);
	UT_EQ(pthread_mutex_consistent(&robust), 0);
	UT_EQ(pthread_mutex_unlock(&robust), 0);
}

static int clone_flags(unsigned long flags)
{
	return (int)syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
}

UTEST(threads_flags, "7.3", 0, "CLONE_THREAD without CLONE_SIGHAND, and that without CLONE_VM, are refused")
{
	int status, pid = clone_flags(SIGCHLD);

	if (pid == 0)
		_exit(0);
	UT_EQ(waitpid(pid, &status, 0), pid);
	UT_ERRNO(clone_flags(0x10000 | 0x100), EINVAL);
	UT_ERRNO(clone_flags(0x800), EINVAL);
	UT_ERRNO(clone_flags(0x10000 | 0x800), EINVAL);
}

UTEST(vdso_clock, "7.3", 0, "clock_gettime() of the vDSO agrees with the system call and never goes back")
{
	struct timespec a, b, c;
	static const int clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME };

	for (int i = 0; i < 2; i++) {
		UT_OK(syscall(SYS_clock_gettime, clocks[i], &a));
		UT_OK(clock_gettime(clocks[i], &b));
		UT_OK(syscall(SYS_clock_gettime, clocks[i], &c));
		UT_ASSERT(ms_between(&a, &b) >= 0 && ms_between(&b, &c) >= 0);
		UT_ASSERT(ms_between(&a, &c) < 5000);
	}
	for (int i = 0; i < 100000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &b);
		UT_ASSERT(i == 0 || b.tv_sec > a.tv_sec ||
			  (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
		a = b;
	}
}

/* A list of locks of its own, long enough to take a while, and the word that tells of the end. */
static struct {
	struct robust_list_head head;
	struct {
		struct robust_list element;
		volatile int lock;
	} held[1000];
	volatile int alive;
} dying;

/* Each on a CPU of its own, where there are two. */
static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static void *die_with_locks(void *arg)
{
	int last = sizeof(dying.held) / sizeof(dying.held[0]) - 1, tid = syscall(SYS_gettid);

	for (int i = 0; i <= last; i++) {
		dying.held[i].element.next = i < last ? &dying.held[i + 1].element : &dying.head.list;
		dying.held[i].lock = tid;
	}
	run_on(1);
	dying.head.list.next = &dying.held[0].element;
	dying.head.futex_offset = sizeof(struct robust_list);
	syscall(SYS_set_robust_list, &dying.head, sizeof(dying.head));
	syscall(SYS_set_tid_address, &dying.alive);
	syscall(SYS_exit, 0);
	return arg;
}

UTEST(threads_end_order, "7.0", 0, "the locks of a thread that ended are marked before it is seen to be gone")
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	run_on(0);
	for (int i = 0; i < 20; i++) {
		dying.alive = 1;
		UT_EQ(pthread_create(&t, &attr, die_with_locks, NULL), 0);
		while (dying.alive)
			;
		for (unsigned l = 0; l < sizeof(dying.held) / sizeof(dying.held[0]); l++)
			UT_EQ(dying.held[l].lock & FUTEX_OWNER_DIED, FUTEX_OWNER_DIED);
	}
}

UTEST_MAIN(futex_value, futex_pingpong, futex_count, futex_bitset, futex_timeout, futex_shared,
	   futex_requeue, futex_wake_op, threads_mutex, threads_cond, threads_robust, threads_flags,
	   vdso_clock, threads_end_order)
