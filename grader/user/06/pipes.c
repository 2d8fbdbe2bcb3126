/* Exercise 6.3: reading and writing pipes. */
#include "posix.h"

#include <sched.h>
#include <sys/mman.h>

static int p[2];

static void make_pipe(int flags)
{
	UT_EQ(pipe2(p, flags), 0);
}

UTEST(pipe_order, "6.3", 4, "a megabyte goes through a pipe complete and in order, whatever the sizes of reads and writes")
{
	static unsigned char buf[70000];
	unsigned next = 0;
	ssize_t n;
	pid_t pid;

	make_pipe(0);
	pid = fork();
	if (pid == 0) {
		unsigned sent = 0;

		close(p[0]);
		/* the reader sleeps when the first bytes come, and they are many */
		sleep_ms(20);
		for (int size = 70000; sent < 1000000;
		     size = size == 70000 ? 1 : size * 3 % 65521 + 1) {
			for (int i = 0; i < size; i++)
				buf[i] = (sent + i) * 7 >> 3;
			if (write(p[1], buf, size) != size)
				_exit(2);
			sent += size;
		}
		_exit(0);
	}
	close(p[1]);
	for (int size = 1; (n = read(p[0], buf, size)) > 0; size = size * 5 % 65521 + 1)
		for (int i = 0; i < n; i++, next++)
			UT_MSG(buf[i] == (unsigned char)(next * 7 >> 3), "byte %u is wrong", next);
	UT_EQ(n, 0);
	UT_ASSERT(next >= 1000000);
	UT_EQ(wait_limited(pid, 0), 0);
}

UTEST(pipe_eof, "6.3", 2, "what was written can be read after the writer is gone, then comes the end of file")
{
	char buf[8];

	make_pipe(0);
	UT_EQ(write(p[1], "abc", 3), 3);
	close(p[1]);
	UT_EQ(read(p[0], buf, 2), 2);
	UT_EQ(read(p[0], buf, 8), 1);
	UT_EQ(buf[0], 'c');
	UT_EQ(read(p[0], buf, 8), 0);
	UT_EQ(read(p[0], buf, 8), 0);
}

static void write_to_nobody(void)
{
	char c = 0;

	while (write(p[1], &c, 1) == 1)
		;
	_exit(9);
}

UTEST(pipe_sigpipe, "6.3", 3, "writing without readers is SIGPIPE, or EPIPE if that is ignored; also for who waits already")
{
	int status, inside;
	pid_t pid;

	make_pipe(0);
	UT_EQ(write(p[1], "x", 1), 1);
	close(p[0]);
	status = in_child(write_to_nobody);
	UT_ASSERT(status != -1 && WIFSIGNALED(status));
	UT_EQ(WTERMSIG(status), SIGPIPE);
	signal(SIGPIPE, SIG_IGN);
	UT_ERRNO(write(p[1], "x", 1), EPIPE);
	make_pipe(0);
	pid = fork();
	if (pid == 0) {
		static char buf[100000];

		close(p[0]);
		if (write(p[1], buf, sizeof(buf)) <= 0)		/* waits for room, in vain */
			_exit(2);
		_exit(write(p[1], buf, 1) == -1 && errno == EPIPE ? 0 : 3);
	}
	while (ioctl(p[0], FIONREAD, &inside) == 0 && inside < 65536)
		sleep_ms(1);
	sleep_ms(5);
	close(p[0]);
	UT_EQ(wait_limited(pid, 0), 0);
}

UTEST(pipe_atomic, "6.3", 3, "writes of up to PIPE_BUF bytes by several writers are never mixed")
{
	enum { WRITERS = 3, ROUNDS = 60, SIZE = 3000 };
	static char buf[SIZE];
	pid_t pids[WRITERS];

	make_pipe(0);
	for (int w = 0; w < WRITERS; w++) {
		pids[w] = fork();
		if (pids[w] == 0) {
			memset(buf, 'a' + w, SIZE);
			for (int i = 0; i < ROUNDS; i++)
				if (write(p[1], buf, SIZE) != SIZE)
					_exit(2);
			_exit(0);
		}
	}
	close(p[1]);
	for (int i = 0; i < WRITERS * ROUNDS; i++) {
		ssize_t have = 0;

		while (have < SIZE) {
			ssize_t n = read(p[0], buf + have, SIZE - have);

			UT_ASSERT(n > 0);
			have += n;
		}
		for (int k = 1; k < SIZE; k++)
			UT_MSG(buf[k] == buf[0], "record %d is mixed at byte %d", i, k);
	}
	UT_EQ(read(p[0], buf, 1), 0);
	for (int w = 0; w < WRITERS; w++)
		UT_EQ(wait_limited(pids[w], 0), 0);
}

UTEST(pipe_nonblock, "6.3", 3, "O_NONBLOCK: EAGAIN when empty or full; small writes go in whole or not at all")
{
	static char buf[8192];
	int total = 0;
	ssize_t n;

	make_pipe(O_NONBLOCK);
	UT_ERRNO(read(p[0], buf, 1), EAGAIN);
	while ((n = write(p[1], buf, 3000)) == 3000)
		total += n;
	UT_EQ(n, -1);
	UT_EQ(errno, EAGAIN);
	UT_ASSERT(total >= 45000 && total <= 65536);
	UT_EQ(read(p[0], buf, 4096), 4096);
	UT_EQ(write(p[1], buf, 1000), 1000);
	UT_EQ(write(p[1], buf, 0), 0);
}

UTEST(pipe_capacity, "6.3", 1, "a pipe holds 64 KiB, FIONREAD says how much is in it, F_SETPIPE_SZ changes it")
{
	static char buf[131072];
	int inside = 0;

	make_pipe(O_NONBLOCK);
	UT_EQ(write(p[1], buf, sizeof(buf)), 65536);
	UT_EQ(ioctl(p[0], FIONREAD, &inside), 0);
	UT_EQ(inside, 65536);
	UT_EQ(fcntl(p[0], F_GETPIPE_SZ), 65536);
	UT_EQ(fcntl(p[0], F_SETPIPE_SZ, 131072), 131072);
	UT_EQ(write(p[1], buf, sizeof(buf)), 65536);
	UT_ERRNO(fcntl(p[0], F_SETPIPE_SZ, 4096), EBUSY);
	UT_EQ(read(p[0], buf, sizeof(buf)), 131072);
}

/* Two processes close the two ends at the same moment: who comes second must not find the pipe gone. */
UTEST(pipe_close_race, "6.0", 0, "both ends of a pipe can be closed at once")
{
	volatile int *turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	UT_ASSERT(turn != MAP_FAILED);
	for (int round = 0; round < 200; round++) {
		*turn = 0;
		make_pipe(0);
		pid = fork();
		if (pid == 0) {
			close(p[0]);
			*turn = 1;
			while (*turn != 2)
				sched_yield();
			close(p[1]);
			_exit(0);
		}
		close(p[1]);
		while (*turn != 1)
			sched_yield();
		*turn = 2;
		close(p[0]);
		UT_EQ(wait_limited(pid, 0), 0);
	}
}

UTEST_MAIN(pipe_order, pipe_eof, pipe_sigpipe, pipe_atomic, pipe_nonblock, pipe_capacity, pipe_close_race)
