/*
 * Scheduling policies (sched(7)): who may have which, who inherits them, and that real-time threads
 * run before all others, the most important first. No points. All on one CPU, so that the order
 * in which things happen is the order of importance.
 *
 * @host no it would take a processor from whoever uses this machine
 */
#include "posix.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

static struct shared {
	volatile int length, stop;
	volatile char log[64];
} *shared;

static void note(char c)
{
	shared->log[shared->length++] = c;
}

static bool both_began(void)
{
	for (int i = 1; i < shared->length; i++)
		if (shared->log[i] != shared->log[0])
			return true;
	return false;
}

/* A log that children write to, and one CPU for all of them. */
static void start(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	UT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	UT_ASSERT(shared != MAP_FAILED);
}

static int set(int policy, int priority)
{
	struct sched_param p = { priority };

	return sched_setscheduler(0, policy, &p);
}

static int priority(void)
{
	struct sched_param p = { -1 };

	UT_EQ(sched_getparam(0, &p), 0);
	return p.sched_priority;
}

/* Use the CPU for so long. */
static void burn_ms(long ms)
{
	struct timespec ts;

	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	while (ts.tv_sec * 1000 + ts.tv_nsec / 1000000 < ms);
}

UTEST(sched_policies, "6.0", 0, "policies and priorities are set, told and refused as sched(7) says")
{
	struct sched_param p = { 7 };
	struct timespec slice;

	UT_EQ(sched_getscheduler(0), SCHED_OTHER);
	UT_EQ(set(SCHED_FIFO, 5), 0);
	UT_EQ(sched_getscheduler(0), SCHED_FIFO);
	UT_EQ(priority(), 5);
	UT_EQ(sched_setparam(0, &p), 0);
	UT_EQ(priority(), 7);
	UT_EQ(sched_getscheduler(0), SCHED_FIFO);
	UT_EQ(sched_rr_get_interval(0, &slice), 0);
	UT_EQ(slice.tv_nsec, 0);
	UT_ERRNO(set(SCHED_FIFO, 0), EINVAL);
	UT_ERRNO(set(SCHED_FIFO, 100), EINVAL);
	UT_ERRNO(set(SCHED_OTHER, 1), EINVAL);
	UT_ERRNO(set(77, 0), EINVAL);
	UT_ERRNO(sched_setparam(99999, &p), ESRCH);
	UT_EQ(set(SCHED_RR, 99), 0);
	UT_EQ(sched_rr_get_interval(0, &slice), 0);
	UT_EQ(slice.tv_nsec, 100000000);
	UT_EQ(set(SCHED_BATCH, 0), 0);
	UT_EQ(sched_getscheduler(0), SCHED_BATCH);
	UT_ERRNO(sched_setparam(0, &p), EINVAL);
	UT_EQ(set(SCHED_IDLE, 0), 0);
	UT_EQ(set(SCHED_OTHER, 0), 0);
	UT_EQ(priority(), 0);
}

UTEST(sched_rights, "6.0", 0, "without CAP_SYS_NICE RLIMIT_RTPRIO says what one may have")
{
	struct rlimit limit = { 10, 10 };

	UT_EQ(setrlimit(RLIMIT_RTPRIO, &limit), 0);
	UT_EQ(set(SCHED_RR, 20), 0);
	UT_EQ(setresuid(1000, 1000, 1000), 0);
	UT_EQ(set(SCHED_RR, 20), 0);
	UT_ERRNO(set(SCHED_RR, 21), EPERM);
	UT_EQ(set(SCHED_RR, 5), 0);
	UT_EQ(set(SCHED_FIFO, 10), 0);
	UT_ERRNO(set(SCHED_FIFO, 11), EPERM);
	limit.rlim_cur = 0;
	UT_EQ(setrlimit(RLIMIT_RTPRIO, &limit), 0);
	UT_EQ(set(SCHED_FIFO, 3), 0);
	UT_ERRNO(set(SCHED_RR, 3), EPERM);
	UT_EQ(set(SCHED_IDLE, 0), 0);
	UT_ERRNO(set(SCHED_FIFO, 1), EPERM);
	UT_ERRNO(sched_setscheduler(1, SCHED_BATCH, &(struct sched_param){ 0 }), EPERM);
}

static void check_inherited(void)
{
	UT_EQ(sched_getscheduler(0), SCHED_RR);
	UT_EQ(priority(), 4);
}

static void check_reset(void)
{
	UT_EQ(sched_getscheduler(0), SCHED_OTHER);
	UT_EQ(priority(), 0);
}

UTEST(sched_inherited, "6.0", 0, "a child has its parent's policy, unless the parent says SCHED_RESET_ON_FORK")
{
	UT_EQ(set(SCHED_RR, 4), 0);
	UT_EQ(in_child(check_inherited), 0);
	UT_EQ(set(SCHED_RR | SCHED_RESET_ON_FORK, 4), 0);
	UT_EQ(sched_getscheduler(0), SCHED_RR | SCHED_RESET_ON_FORK);
	UT_EQ(in_child(check_reset), 0);
}

/*
 * A child of this policy that waits for a byte, notes its letter, works and notes it again. The work
 * takes that long; ms 0: until the other one has begun, too, but at most three seconds.
 */
static pid_t worker(int policy, int prio, char letter, int ms, int *wake)
{
	int p[2];
	pid_t pid;
	char c;

	UT_EQ(pipe(p), 0);
	pid = fork();
	UT_ASSERT(pid >= 0);
	if (pid == 0) {
		UT_EQ(set(policy, prio), 0);
		UT_EQ(read(p[0], &c, 1), 1);
		note(letter);
		if (ms)
			burn_ms(ms);
		for (int t = 50; !ms && t <= 3000 && !both_began(); t += 50)
			burn_ms(t);
		note(letter);
		_exit(0);
	}
	*wake = p[1];
	return pid;
}

/* Wake all at once, as somebody more important than all of them, and see in which order they work. */
static void run(int n, const int *wake, const pid_t *pids)
{
	sleep_ms(50);
	for (int i = 0; i < n; i++)
		UT_EQ(write(wake[i], "", 1), 1);
	for (int i = 0; i < n; i++)
		UT_EQ(wait_limited(pids[i], 0), 0);
}

UTEST(sched_order, "6.0", 0, "the most important thread runs first, and equals one after the other")
{
	pid_t pids[5];
	int wake[5];

	start();
	UT_EQ(set(SCHED_FIFO, 50), 0);
	pids[0] = worker(SCHED_OTHER, 0, 'n', 20, &wake[0]);
	pids[1] = worker(SCHED_FIFO, 10, 'a', 150, &wake[1]);
	pids[2] = worker(SCHED_FIFO, 30, 'x', 20, &wake[2]);
	pids[3] = worker(SCHED_FIFO, 10, 'b', 150, &wake[3]);
	pids[4] = worker(SCHED_RR, 20, 'm', 20, &wake[4]);
	run(5, wake, pids);
	UT_STREQ((char *)shared->log, "xxmmaabbnn");
}

UTEST(sched_round_robin, "6.0", 0, "threads of SCHED_RR with one priority take turns")
{
	pid_t pids[2];
	int wake[2];

	start();
	UT_EQ(set(SCHED_FIFO, 50), 0);
	pids[0] = worker(SCHED_RR, 10, 'a', 0, &wake[0]);
	pids[1] = worker(SCHED_RR, 10, 'b', 0, &wake[1]);
	run(2, wake, pids);
	UT_ASSERT(shared->log[0] == 'a' && shared->log[1] == 'b');
}

UTEST(sched_throttled, "6.0", 0, "a real-time loop leaves a little time to the others")
{
	pid_t loop;

	start();
	loop = fork();
	UT_ASSERT(loop >= 0);
	if (loop == 0) {
		UT_EQ(set(SCHED_FIFO, 10), 0);
		while (!shared->stop)
			;
		_exit(0);
	}
	/* This takes effect only when an ordinary thread of the same CPU runs. */
	sleep_ms(100);
	shared->stop = 1;
	UT_EQ(wait_limited(loop, 0), 0);
}

static double cpu_ms(pid_t pid)
{
	struct timespec t = { 0 };
	clockid_t clock;

	UT_EQ(clock_getcpuclockid(pid, &clock), 0);
	UT_EQ(clock_gettime(clock, &t), 0);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

UTEST(sched_yield_share, "6.0", 0, "who yields often gets about as much as others who never do")
{
	pid_t busy[2];
	double mine;

	start();
	for (int i = 0; i < 2; i++) {
		busy[i] = fork();
		if (busy[i] == 0)
			for (;;)
				;
	}
	mine = cpu_ms(0);
	for (long end = now_ms() + 1500; now_ms() < end; )
		sched_yield();
	mine = cpu_ms(0) - mine;
	for (int i = 0; i < 2; i++) {
		UT_MSG(mine > cpu_ms(busy[i]) / 4, "%.0f ms for who yields, %.0f ms for who does not",
		       mine, cpu_ms(busy[i]));
		kill(busy[i], SIGKILL);
		wait_limited(busy[i], 0);
	}
}

UTEST_MAIN(sched_policies, sched_rights, sched_inherited, sched_order, sched_round_robin, sched_throttled,
	   sched_yield_share)
