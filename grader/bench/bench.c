/*
 * What things cost: one user program that runs on Trellis and on Linux.
 *
 *	bench count [NAME...]	a fixed, small number of repetitions: under `-icount
 *				shift=0` a nanosecond is an instruction, so the result is exact
 *	bench time [NAME...]	as many repetitions as fill 0.3 s
 *
 * Each measurement prints "@begin NAME" and "@end NAME UNIT REPETITIONS NANOSECONDS"; run.sh
 * reads them and, between them, the CPU time that the virtual CPU has used on the host.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DIR_ "/opt/trellis/"
#define PAGE 4096
#define FILE_PAGES 256

static int skipped;	/* this system cannot do what was to be measured */

static long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- calls --------------------------------------------------------------------------------- */

static void null_call(long n)
{
	while (n--)
		syscall(SYS_getppid);
}

static void getpid_libc(long n)
{
	while (n--)
		getpid();
}

static void clock_vdso(long n)
{
	struct timespec ts;

	while (n--)
		clock_gettime(CLOCK_MONOTONIC, &ts);
}

static void open_close(long n)
{
	while (n--)
		close(open("/etc/passwd", O_RDONLY));
}

static void stat_path(long n)
{
	struct stat st;

	while (n--)
		stat("/usr/lib/os-release", &st);
}

static void fstat_fd(long n)
{
	struct stat st;

	while (n--)
		fstat(0, &st);
}

static int data_fd = -1;

/* A file of FILE_PAGES pages whose pages are in the cache. */
static int data_file(void)
{
	static char page[PAGE];

	if (data_fd >= 0)
		return data_fd;
	data_fd = open("/root/bench.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (data_fd < 0)
		die("/root/bench.data");
	for (int i = 0; i < FILE_PAGES; i++) {
		memset(page, i, sizeof(page));
		if (write(data_fd, page, sizeof(page)) != sizeof(page))
			die("write");
	}
	fsync(data_fd);
	return data_fd;
}

/* In units of 64 KiB. */
static void read_cached(long n)
{
	static char buf[65536];
	int fd = data_file();

	while (n--)
		if (pread(fd, buf, sizeof(buf), (n % 16) * 65536) != sizeof(buf))
			die("pread");
}

static void write_tmpfs(long n)
{
	static char buf[65536];
	int fd = open("/tmp/bench.out", O_RDWR | O_CREAT | O_TRUNC, 0600);

	while (n--)
		if (pwrite(fd, buf, sizeof(buf), (n % 16) * 65536) != sizeof(buf))
			die("pwrite");
	close(fd);
	unlink("/tmp/bench.out");
}

static void create_unlink(long n)
{
	while (n--) {
		close(open("/tmp/bench.file", O_WRONLY | O_CREAT | O_EXCL, 0600));
		unlink("/tmp/bench.file");
	}
}

/* Per directory: open, read all entries, close. */
static void dir_read(long n)
{
	while (n--) {
		DIR *d = opendir("/usr/bin");

		while (readdir(d))
			;
		closedir(d);
	}
}

static void poll_100(long n)
{
	struct pollfd p[100];
	int fd[2];

	if (pipe(fd) < 0)
		die("pipe");
	for (int i = 0; i < 100; i++) {
		p[i].fd = dup(fd[0]);
		p[i].events = POLLIN;
	}
	while (n--)
		poll(p, 100, 0);
	for (int i = 0; i < 100; i++)
		close(p[i].fd);
	close(fd[0]);
	close(fd[1]);
}

/* ---- memory -------------------------------------------------------------------------------- */

static void touch(volatile char *p, long pages, int write)
{
	for (long i = 0; i < pages; i++)
		if (write)
			p[i * PAGE] = 1;
		else
			(void)p[i * PAGE];
}

static void *map(long pages, int prot, int flags, int fd)
{
	void *p = mmap(NULL, (size_t)pages * PAGE, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void mmap_munmap(long n)
{
	while (n--) {
		char *p = map(16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		p[0] = 1;
		munmap(p, 16 * PAGE);
	}
}

/* In the next three n counts pages. */
static void fault_anon(long n)
{
	char *p = map(n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	madvise(p, (size_t)n * PAGE, MADV_NOHUGEPAGE);
	touch(p, n, 1);
	munmap(p, (size_t)n * PAGE);
}

static void fault_file(long n)
{
	int fd = data_file();

	for (; n > 0; n -= FILE_PAGES) {
		char *p = map(FILE_PAGES, PROT_READ, MAP_PRIVATE, fd);

		touch(p, FILE_PAGES, 0);
		munmap(p, FILE_PAGES * PAGE);
	}
}

static void fault_cow(long n)
{
	char *p = map(n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	pid_t child;

	madvise(p, (size_t)n * PAGE, MADV_NOHUGEPAGE);
	touch(p, n, 1);
	child = fork();
	if (child == 0) {
		touch(p, n, 1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	munmap(p, (size_t)n * PAGE);
}

/* ---- processes ----------------------------------------------------------------------------- */

static void fork_exit(long n)
{
	while (n--) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
}

static void fork_exec(long n, const char *path, const char *arg, const char *arg2)
{
	while (n--) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			execl(path, path, arg, arg2, (char *)NULL);
			_exit(1);
		}
		if (waitpid(child, &status, 0) != child || status)
			die(path);
	}
}

static void fork_exec_static(long n)
{
	fork_exec(n, DIR_ "true-static", NULL, NULL);
}

static void fork_exec_dynamic(long n)
{
	fork_exec(n, DIR_ "true-dynamic", NULL, NULL);
}

static void fork_sh(long n)
{
	fork_exec(n, "/bin/sh", "-c", ":");
}

static void *no_thread(void *arg)
{
	return arg;
}

static void thread_create(long n)
{
	while (n--) {
		pthread_t t;

		if (pthread_create(&t, NULL, no_thread, NULL))
			die("pthread_create");
		pthread_join(t, NULL);
	}
}

static void handler(int sig)
{
}

static void signal_install(long n)
{
	struct sigaction sa = { .sa_handler = handler };

	while (n--)
		sigaction(SIGUSR1, &sa, NULL);
}

static void signal_deliver(long n)
{
	pid_t self = getpid();

	signal(SIGUSR1, handler);
	while (n--)
		kill(self, SIGUSR1);
}

/* ---- communication ------------------------------------------------------------------------- */

/* There and back, one byte, between two processes. */
static void round_trips(long n, const int there[2], const int back[2])
{
	pid_t child = fork();
	char c = 0;

	if (child == 0) {
		while (n--)
			if (read(there[0], &c, 1) != 1 || write(back[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	while (n--)
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			die("round trip");
	waitpid(child, NULL, 0);
}

static void pipe_round_trip(long n)
{
	int there[2], back[2];

	if (pipe(there) < 0 || pipe(back) < 0)
		die("pipe");
	round_trips(n, there, back);
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
}

static void unix_round_trip(long n)
{
	int s[2], there[2], back[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0) {
		skipped = 1;
		return;
	}
	there[0] = back[1] = s[0];
	there[1] = back[0] = s[1];
	round_trips(n, there, back);
	close(s[0]);
	close(s[1]);
}

static void yield_switch(long n)
{
	pid_t child = fork();

	if (child == 0) {
		for (;;)
			sched_yield();
	}
	while (n--)
		sched_yield();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static int futex_word;

static void futex_wait_for(int value)
{
	while (__atomic_load_n(&futex_word, __ATOMIC_SEQ_CST) != value)
		syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, !value, NULL, NULL, 0);
}

static void futex_set(int value)
{
	__atomic_store_n(&futex_word, value, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &futex_word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *futex_partner(void *n)
{
	for (long i = (long)n; i > 0; i--) {
		futex_wait_for(1);
		futex_set(0);
	}
	return NULL;
}

static void futex_round_trip(long n)
{
	pthread_t t;

	pthread_create(&t, NULL, futex_partner, (void *)n);
	for (long i = n; i > 0; i--) {
		futex_set(1);
		futex_wait_for(0);
	}
	pthread_join(t, NULL);
}

/* ---- the table ----------------------------------------------------------------------------- */

static const struct bench {
	const char *name, *unit;
	void (*fn)(long n);
	long count, max;	/* repetitions of `bench count`; most at a time (0: no limit) */
} benches[] = {
	{ "null_call", "call", null_call, 2000, 0 },
	{ "getpid", "call", getpid_libc, 2000, 0 },
	{ "clock_vdso", "call", clock_vdso, 2000, 0 },
	{ "open_close", "pair", open_close, 300, 0 },
	{ "stat", "call", stat_path, 500, 0 },
	{ "fstat", "call", fstat_fd, 500, 0 },
	{ "read_cached", "64KiB", read_cached, 64, 0 },
	{ "write_tmpfs", "64KiB", write_tmpfs, 64, 0 },
	{ "create_unlink", "pair", create_unlink, 100, 0 },
	{ "dir_read", "dir", dir_read, 10, 0 },
	{ "poll_100", "call", poll_100, 100, 0 },
	{ "mmap_munmap", "pair", mmap_munmap, 200, 0 },
	{ "fault_anon", "page", fault_anon, 1024, 4096 },
	{ "fault_file", "page", fault_file, 1024, 0 },
	{ "fault_cow", "page", fault_cow, 1024, 4096 },
	{ "signal_install", "call", signal_install, 1000, 0 },
	{ "signal_deliver", "signal", signal_deliver, 500, 0 },
	{ "pipe_round_trip", "trip", pipe_round_trip, 300, 0 },
	{ "unix_round_trip", "trip", unix_round_trip, 300, 0 },
	{ "yield_switch", "yield", yield_switch, 500, 0 },
	{ "futex_round_trip", "trip", futex_round_trip, 300, 0 },
	{ "thread_create", "thread", thread_create, 50, 0 },
	{ "fork_exit", "fork", fork_exit, 20, 0 },
	{ "fork_exec_static", "exec", fork_exec_static, 20, 0 },
	{ "fork_exec_dynamic", "exec", fork_exec_dynamic, 20, 0 },
	{ "fork_sh", "exec", fork_sh, 10, 0 },
};

#define BENCHES (int)(sizeof(benches) / sizeof(benches[0]))

static void run_n(const struct bench *b, long n)
{
	while (n > 0) {
		long part = b->max && n > b->max ? b->max : n;

		b->fn(part);
		n -= part;
	}
}

static void run(const struct bench *b, int timed)
{
	long n = b->count, start, ns;

	skipped = 0;
	run_n(b, n / 10 + 1);	/* warm: caches filled, pages present */
	if (skipped)
		return;
	if (timed) {
		start = now();
		run_n(b, n);
		ns = now() - start;
		n = n * 300000000L / (ns > 1000 ? ns : 1000) + 1;
	}
	printf("@begin %s\n", b->name);
	fflush(stdout);
	start = now();
	run_n(b, n);
	ns = now() - start;
	printf("@end %s %s %ld %ld\n", b->name, b->unit, n, ns);
	fflush(stdout);
}

static int chosen(const char *name, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return 1;
	return argc <= 2;
}

int main(int argc, char **argv)
{
	if (argc < 2 || (strcmp(argv[1], "count") != 0 && strcmp(argv[1], "time") != 0)) {
		fprintf(stderr, "usage: bench count|time [NAME...]\n");
		return 2;
	}
	for (int i = 0; i < BENCHES; i++)
		if (chosen(benches[i].name, argc, argv))
			run(&benches[i], strcmp(argv[1], "time") == 0);
	printf("@done\n");
	return 0;
}
