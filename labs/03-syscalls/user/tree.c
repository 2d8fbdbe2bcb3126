/*
 * What lab 03 shows: a tree of processes that fork, compute and wait. Every process counts the
 * primes in its part of a range: it halves the part, forks a child for each half until the parts
 * are small, and adds up what it hears from below: by exit status where that is enough, and
 * through shared memory for the sum. Copy-on-write is what keeps their variables apart.
 */
#include "trellis_user.h"
#include "common/abi/mman.h"
#include "common/abi/prctl.h"

#define SYS_mmap	9
#define SYS_nanosleep	35
#define SYS_getpid	39
#define SYS_fork	57
#define SYS_wait4	61
#define SYS_getppid	110
#define SYS_reboot	169

#define LIMIT		20000
#define DEPTH		3

struct shared {
	long primes;		/* sum of all leaves */
	long processes;
};

static struct shared *shared;
static long depth;		/* own to each process, though all have it at one address */

static bool is_prime(long n)
{
	for (long d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n >= 2;
}

/* Takes long enough for other processes to run meanwhile, on this CPU and on others. */
static long count_primes(long from, long to)
{
	long n = 0;

	while (from < to)
		n += is_prime(from++);
	return n;
}

/* One write per line, so that the lines of different processes do not mix. */
static char *append(char *p, const char *s)
{
	while (*s)
		*p++ = *s++;
	return p;
}

static char *append_number(char *p, long n)
{
	char buf[24];

	return append(p, u_format(buf, n, 10));
}

static void report(const char *what, long from, long to)
{
	char line[128], *p = line;

	for (long i = 0; i < depth; i++)
		p = append(p, "    ");
	p = append(p, "process ");
	p = append_number(p, syscall0(SYS_getpid));
	p = append(p, " (child of ");
	p = append_number(p, syscall0(SYS_getppid));
	p = append(p, ") ");
	p = append(p, what);
	p = append(p, " ");
	p = append_number(p, from);
	p = append(p, "..");
	p = append_number(p, to - 1);
	*p++ = '\n';
	u_write(1, line, p - line);
}

static void work(long from, long to);

/*
 * fork returns twice: 0 in the child, which goes on with a copy of everything, and the child's
 * number in the parent. The child leaves by exit; were it to return, it would go on with its
 * parent's work.
 */
static long start_child(long from, long to)
{
	long pid = syscall0(SYS_fork);

	if (pid == 0) {
		depth++;
		work(from, to);
		u_exit(0);
	}
	return pid;
}

static void work(long from, long to)
{
	long middle = (from + to) / 2;
	int status;

	/* Other processes add to the same words at the same time; a plain ++ would lose some. */
	__atomic_add_fetch(&shared->processes, 1, __ATOMIC_SEQ_CST);
	if (depth == DEPTH) {
		report("counts", from, to);
		__atomic_add_fetch(&shared->primes, count_primes(from, to), __ATOMIC_SEQ_CST);
		return;
	}
	report("divides", from, to);
	start_child(from, middle);
	start_child(middle, to);
	/* -1: any child; the loop ends with ECHILD, when both have been waited for. */
	while (syscall4(SYS_wait4, -1, &status, 0, 0) > 0)
		if (status)
			u_puts("a child did not end well\n");
}

/*
 * The sum is kept in memory that is mapped before the first fork and shared: of `depth`, which is
 * not, each process has its own.
 */
int main(void)
{
	shared = (struct shared *)syscall6(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if ((long)shared < 0) {
		u_puts("no shared memory\n");
		return 1;
	}
	work(0, LIMIT);
	u_putnum(shared->processes);
	u_puts(" processes found ");
	u_putnum(shared->primes);
	u_puts(" primes below ");
	u_putnum(LIMIT);
	u_puts(shared->primes == 2262 ? ": right\n" : ": WRONG\n");
	syscall4(SYS_reboot, REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, 0);
	return 0;
}
