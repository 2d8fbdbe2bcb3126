/*
 * Hostile programs: nothing that a process without privileges does may hurt the kernel or others.
 * The tests pass if the machine is still well afterwards: they count on panics, hangs and
 * leaks of processes being seen, and on errnos where the answer is known.
 *
 * hostile fuzz SEED CALLS, as init, makes random calls and nothing else, then powers off: `make
 * fuzz`.
 *
 * @host no it would try all of this on your machine
 * @mem 512M
 * @timeout 120
 */
#define _GNU_SOURCE 1
#include "ktap_user.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#define LAST_CALL	450
#define NOBODY		65534
#define STALL_MS	30		/* a call that takes longer is waiting for something */
#define QUOTA		1000		/* random calls that one child makes at most */

static uint64_t state;

static uint64_t random_number(void)
{
	/* xorshift64 (Marsaglia, 2003) */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static char buffer[16384];
static char *read_only, *edge;		/* a page that cannot be written; the end of a mapping */

static void make_places(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + 4096, 4096);
	edge = p + 4096;
	read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Addresses that a careless kernel would touch. */
static long wild_pointer(int n)
{
	switch (n) {
	case 0: return 0;
	case 1: return 8;
	case 2: return -1;
	case 3: return (long)0xffffffff80200000UL;	/* kernel text */
	case 4: return (long)0xffff800000001000UL;	/* direct map */
	case 5: return 0x7ffffffff000L;			/* first address that is not the user's */
	case 6: return 0x7fffffffeff8L;
	case 7: return (long)0x8000000000000000UL;	/* not canonical */
	case 8: return (long)read_only;
	case 9: return (long)edge - 1;			/* crosses into nothing */
	default: return (long)random_number;	/* text: readable, not writable */
	}
}
#define WILD_POINTERS	11

static long random_argument(void)
{
	uint64_t r = random_number();

	switch (r % 8) {
	case 0: return r >> 8 & 7;
	case 1: return (long)(r >> 8) >> (r >> 4 & 63);
	case 2: return wild_pointer((r >> 8) % WILD_POINTERS);
	case 3: return 1L << (r >> 8 & 63);
	case 4: return -(long)(r >> 8 & 0xfff);
	default: return (long)buffer + (r >> 8 & 0x1fff);
	}
}

/* Calls that only end the child or make it sleep; that others test. */
static bool dull(long nr)
{
	return nr == SYS_exit || nr == SYS_exit_group || nr == SYS_pause ||
	       nr == SYS_rt_sigsuspend || nr == SYS_rt_sigreturn || nr == SYS_rt_sigtimedwait;
}

/* In a child: no privileges, few processes, an empty directory as its world. */
static void drop_privileges(void)
{
	struct rlimit processes = { 40, 40 }, memory = { 64 << 20, 64 << 20 };

	mkdir("/tmp", 0777);
	mkdir("/tmp/jail", 0777);
	if (chroot("/tmp/jail") || chdir("/"))
		_exit(1);
	setrlimit(RLIMIT_NPROC, &processes);
	setrlimit(RLIMIT_AS, &memory);
	setgroups(0, NULL);
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	for (int fd = 0; fd < 16; fd++)
		close(fd);
}

static void __attribute__((noreturn)) misbehave(volatile uint64_t *progress, uint64_t seed)
{
	pid_t me;

	drop_privileges();
	make_places();
	state = seed;
	me = getpid();
	for (int i = 0; i < QUOTA; i++) {
		long nr = random_number() % LAST_CALL;

		++*progress;
		if (dull(nr))
			continue;
		syscall(nr, random_argument(), random_argument(), random_argument(),
			random_argument(), random_argument(), random_argument());
		if (syscall(SYS_getpid) != me)
			_exit(0);
	}
	_exit(0);
}

static bool gone(pid_t pid)
{
	struct timespec ms = { 0, 1000000 };
	int status;

	for (int i = 0; i < STALL_MS; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return true;
		nanosleep(&ms, NULL);
	}
	return false;
}

/* Let a child go on while its counter moves; then it and whatever it started end. */
static void outlast(pid_t pid, volatile uint64_t *progress)
{
	uint64_t last;

	do
		last = *progress;
	while (!gone(pid) && *progress != last);
	kill(pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/*
 * Children make `calls` random calls in all; who dies or hangs is replaced. A child can scribble
 * over the counter that it shares with us, so no child is believed more than its quota.
 */
static void fuzz(uint64_t seed, uint64_t calls)
{
	volatile uint64_t *progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t made;

	for (uint64_t done = 0, child = 1; done < calls; done += made, child++) {
		pid_t pid;

		*progress = 0;
		pid = fork();
		if (pid < 0)
			break;
		if (pid == 0)
			misbehave(progress, seed * 1000003 + child);
		outlast(pid, progress);
		made = *progress;
		if (made == 0 || made > QUOTA)
			made = 1;
	}
	munmap((void *)progress, 4096);
}

/* Is everybody else still alive and well? */
static bool machine_is_well(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(42);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 42;
}

UTEST(fuzz_1, "7.0", 0, "random system calls leave the machine well (seed 1)")
{
	fuzz(1, 5000);
	UT_ASSERT(machine_is_well());
}

UTEST(fuzz_2, "7.0", 0, "random system calls leave the machine well (seed 2)")
{
	fuzz(2, 5000);
	UT_ASSERT(machine_is_well());
}

UTEST(fuzz_3, "7.0", 0, "random system calls leave the machine well (seed 3)")
{
	fuzz(3, 5000);
	UT_ASSERT(machine_is_well());
}

UTEST(fuzz_4, "7.0", 0, "random system calls leave the machine well (seed 4)")
{
	fuzz(4, 5000);
	UT_ASSERT(machine_is_well());
}

UTEST(fuzz_5, "7.0", 0, "random system calls leave the machine well (seed 5)")
{
	fuzz(5, 5000);
	UT_ASSERT(machine_is_well());
}

/* One argument is wild, the others are harmless. */
static void __attribute__((noreturn)) try_pointers(volatile uint64_t *next)
{
	drop_privileges();
	make_places();
	while (*next < LAST_CALL * 6UL * WILD_POINTERS) {
		uint64_t n = (*next)++;
		long nr = n / (6 * WILD_POINTERS), args[6];

		if (dull(nr) || nr == SYS_fork || nr == SYS_vfork || nr == SYS_clone)
			continue;
		for (int i = 0; i < 6; i++)
			args[i] = i == 0 ? 3 : (long)buffer + 1024 * i;
		args[n / WILD_POINTERS % 6] = wild_pointer(n % WILD_POINTERS);
		syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	}
	_exit(0);
}

UTEST(wild_pointers, "7.0", 0, "a wild pointer in any argument of any call leaves the machine well")
{
	volatile uint64_t *next = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	while (*next < LAST_CALL * 6UL * WILD_POINTERS) {
		uint64_t start = *next;
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0)
			try_pointers(next);
		outlast(pid, next);
		if (*next <= start || *next > start + LAST_CALL * 6UL * WILD_POINTERS)
			*next = start + 1;
	}
	UT_ASSERT(machine_is_well());
}

static int status_of(void (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void eat_memory(void)
{
	for (;;) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			_exit(1);
		memset(p, 1, 1 << 20);
	}
}

UTEST(memory_exhausted, "7.0", 0, "who uses up the memory is killed, and nobody else")
{
	UT_EQ(status_of(eat_memory), SIGKILL);
	UT_ASSERT(machine_is_well());
}

static void fork_to_the_limit(void)
{
	struct rlimit processes = { 200, 200 };
	int children = 0;
	pid_t pid;

	setrlimit(RLIMIT_NPROC, &processes);
	if (setuid(NOBODY - 1))	/* whose processes nobody else has made */
		_exit(1);
	while ((pid = fork()) > 0)
		children++;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	_exit(errno == EAGAIN && children > 150 ? 7 : 1);
}

UTEST(fork_limit, "7.0", 0, "forking ends with EAGAIN at the limit of processes")
{
	UT_EQ(status_of(fork_to_the_limit), -7);
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	UT_ASSERT(machine_is_well());
}

static void write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done <= 0)
			_exit(1);
		p += done;
		n -= done;
	}
}

/* A static program small enough to be copied a hundred times: ourselves. */
UTEST(corrupt_elf, "7.0", 0, "a hundred corrupted ELF files end in an errno or a signal")
{
	static char image[2 << 20];
	int fd = open("/t/hostile", O_RDONLY);
	ssize_t size = read(fd, image, sizeof(image));

	UT_ASSERT(size > 4096);
	close(fd);
	for (int seed = 1; seed <= 100; seed++) {
		char path[] = "/tmp/corrupt";
		char *argv[] = { path, "--none", NULL };
		int status;
		pid_t pid;

		state = seed * 77777;
		fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);
		UT_ASSERT(fd >= 0);
		write_all(fd, image, size);
		for (int i = 0; i < 4; i++) {	/* in the header and program headers */
			char byte = random_number();

			UT_EQ(pwrite(fd, &byte, 1, random_number() % 0x200), 1);
		}
		close(fd);
		pid = fork();
		if (pid == 0) {
			struct rlimit cpu = { 1, 1 };

			setrlimit(RLIMIT_CPU, &cpu);
			close(3);
			execve(path, argv, NULL);
			_exit(99);
		}
		if (!gone(pid)) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
		}
	}
	UT_ASSERT(machine_is_well());
}

static const struct utest *const tests[] = {
	&ut_fuzz_1, &ut_fuzz_2, &ut_fuzz_3, &ut_fuzz_4, &ut_fuzz_5, &ut_wild_pointers,
	&ut_memory_exhausted, &ut_fork_limit, &ut_corrupt_elf, NULL
};

int main(int argc, char *argv[])
{
	if (argc != 4 || strcmp(argv[1], "fuzz") != 0)
		return ut_main(argc, argv, tests);
	fuzz(strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0));
	printf("fuzz: the machine is %s\n", machine_is_well() ? "well" : "not well");
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
