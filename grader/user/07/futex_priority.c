/*
 * Who is woken first by a futex when real-time threads wait. No points.
 *
 * @host no it takes a processor from whoever uses this machine
 */
#define _GNU_SOURCE 1
#include "ktap_user.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

static struct shared {
	int word, other;
	volatile int length;
	char log[16];
} *shared;

static long futex(int *addr, int op, int val, long val2, int *addr2)
{
	return syscall(SYS_futex, addr, op, val, val2, addr2, 0);
}

static void sleep_ms(int ms)
{
	struct timespec ts = { 0, ms * 1000000L };

	nanosleep(&ts, NULL);
}

static pid_t waiter(int priority, char letter)
{
	struct sched_param p = { priority };
	pid_t pid = fork();

	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		UT_EQ(sched_setscheduler(0, priority ? SCHED_FIFO : SCHED_OTHER, &p), 0);
		UT_EQ(futex(&shared->word, FUTEX_WAIT, 0, 0, NULL), 0);
		shared->log[shared->length++] = letter;
		_exit(0);
	}
	sleep_ms(20);
	return pid;
}

/* Four waiters; woken one by one, the log says in which order. */
static void run(int *where, const char *order)
{
	pid_t pids[5];

	pids[0] = waiter(0, 'n');
	pids[1] = waiter(10, 'a');
	pids[2] = waiter(30, 'x');
	pids[3] = waiter(10, 'b');
	pids[4] = waiter(20, 'm');
	if (where != &shared->word)
		UT_EQ(futex(&shared->word, FUTEX_REQUEUE, 0, 5, where), 5);
	for (int i = 0; i < 5; i++) {
		UT_EQ(futex(where, FUTEX_WAKE, 1, 0, NULL), 1);
		sleep_ms(20);
	}
	for (int i = 0; i < 5; i++) {
		int status;

		UT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		UT_EQ(status, 0);
	}
	UT_STREQ(shared->log, order);
}

static void start(void)
{
	struct sched_param p = { 50 };

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	UT_ASSERT(shared != MAP_FAILED);
	UT_EQ(sched_setscheduler(0, SCHED_FIFO, &p), 0);
}

UTEST(futex_priority, "7.0", 0, "a futex wakes the most important waiter first, equals in the order they came")
{
	start();
	run(&shared->word, "xmabn");
}

UTEST(futex_requeue_priority, "7.0", 0, "so it does after its waiters were sent to another futex")
{
	start();
	run(&shared->other, "xmabn");
}

UTEST_MAIN(futex_priority, futex_requeue_priority)
