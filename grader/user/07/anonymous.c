/*
 * Files without a name: memfd, eventfd, timerfd, signalfd, epoll, and what else is asked for by
 * calls that few tests name.
 *
 * @cflags -pthread
 */
#include "06/posix.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

UTEST(anon_memfd, "7.0", 0, "memfd_create gives a file in memory that grows, is mapped and can be opened again")
{
	static char name[300];
	int fd = UT_OK(memfd_create("notes", MFD_CLOEXEC));
	struct stat st;
	char *p;

	UT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	UT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	UT_EQ(fstat(fd, &st), 0);
	UT_EQ(st.st_mode, S_IFREG | 0777);
	UT_EQ(st.st_nlink, 0);
	UT_EQ(ftruncate(fd, 10000), 0);
	p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	UT_ASSERT(p != MAP_FAILED);
	p[9999] = 'x';
	UT_EQ(lseek(fd, 9999, SEEK_SET), 9999);
	UT_EQ(read(fd, name, 10), 1);
	UT_EQ(name[0], 'x');
	UT_EQ(write(fd, "more", 4), 4);
	UT_ERRNO(memfd_create("x", 0x100), EINVAL);
	UT_ERRNO(memfd_create((char *)8, 0), EFAULT);
	memset(name, 'n', 249);
	UT_OK(memfd_create(name, 0));
	name[249] = 'n';
	name[250] = '\0';
	UT_ERRNO(memfd_create(name, 0), EINVAL);
}

UTEST(anon_execveat, "7.0", 0, "execveat runs a program by its descriptor, and refuses links and bad flags if asked to")
{
	char *argv[] = { "true", NULL };
	char *busybox = access("/bin/busybox", X_OK) == 0 ? "/bin/busybox" : "/bin/true";
	int fd = UT_OK(open(busybox, O_RDONLY | O_CLOEXEC)), dir = UT_OK(open("/tmp", O_RDONLY));
	pid_t pid;

	unlink("/tmp/link-to-true");
	UT_EQ(symlink(busybox, "/tmp/link-to-true"), 0);
	UT_ERRNO(execveat(dir, "link-to-true", argv, environ, AT_SYMLINK_NOFOLLOW), ELOOP);
	UT_ERRNO(execveat(dir, "none", argv, environ, 0), ENOENT);
	UT_ERRNO(execveat(fd, "", argv, environ, 0), ENOENT);
	UT_ERRNO(execveat(-1, "x", argv, environ, 0), EBADF);
	UT_ERRNO(execveat(fd, "", argv, environ, 0x8000 | AT_EMPTY_PATH), EINVAL);
	UT_ERRNO(execveat(dir, "", argv, environ, AT_EMPTY_PATH), EACCES);
	UT_ERRNO(execveat(AT_FDCWD, "/tmp", argv, environ, 0), EACCES);
	for (int i = 0; i < 2; i++) {
		pid = fork();
		if (pid == 0) {
			if (i)
				execveat(fd, "", argv, environ, AT_EMPTY_PATH);
			else
				execveat(dir, "link-to-true", argv, environ, 0);
			_exit(9);
		}
		UT_EQ(wait_limited(pid, 0), 0);
	}
	unlink("/tmp/link-to-true");
}

UTEST(anon_eventfd, "7.0", 0, "eventfd counts, as a semaphore one by one, and refuses the largest number")
{
	int fd = UT_OK(eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC)), sem = UT_OK(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
	uint64_t v;

	UT_EQ(read(fd, &v, 8), 8);
	UT_EQ(v, 3);
	UT_ERRNO(read(fd, &v, 8), EAGAIN);
	UT_EQ(read(sem, &v, 8), 8);
	UT_EQ(v, 1);
	UT_EQ(read(sem, &v, 100), 8);
	UT_ERRNO(read(sem, &v, 8), EAGAIN);
	v = UINT64_MAX;
	UT_ERRNO(write(fd, &v, 8), EINVAL);
	v = UINT64_MAX - 1;
	UT_EQ(write(fd, &v, 8), 8);
	v = 1;
	UT_ERRNO(write(fd, &v, 8), EAGAIN);
	UT_ERRNO(write(fd, &v, 7), EINVAL);
	UT_ERRNO(read(fd, &v, 7), EINVAL);
	UT_ERRNO(eventfd(0, 0x1000), EINVAL);
}

UTEST(anon_timerfd, "7.0", 0, "timerfd counts expirations, tells what is left, and takes absolute times")
{
	struct itimerspec t = { { 0, 5000000 }, { 0, 10000000 } }, old;
	int fd = UT_OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	uint64_t n;

	UT_ERRNO(read(fd, &n, 8), EAGAIN);
	UT_EQ(timerfd_settime(fd, 0, &t, NULL), 0);
	UT_EQ(timerfd_gettime(fd, &old), 0);
	UT_EQ(old.it_interval.tv_nsec, 5000000);
	UT_ASSERT(old.it_value.tv_sec == 0 && old.it_value.tv_nsec <= 10000000);
	sleep_ms(40);
	UT_EQ(read(fd, &n, 8), 8);
	UT_ASSERT(n >= 3);
	memset(&t, 0, sizeof(t));
	UT_EQ(timerfd_settime(fd, 0, &t, &old), 0);
	UT_EQ(old.it_interval.tv_nsec, 5000000);
	UT_EQ(timerfd_gettime(fd, &old), 0);
	UT_EQ(old.it_value.tv_nsec + old.it_value.tv_sec, 0);
	t.it_value.tv_nsec = 1;				/* long ago */
	UT_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL), 0);
	UT_EQ(readable(fd, 100), 1);
	UT_EQ(read(fd, &n, 8), 8);
	UT_EQ(n, 1);
	t.it_value.tv_nsec = 1000000000;
	UT_ERRNO(timerfd_settime(fd, 0, &t, NULL), EINVAL);
	UT_ERRNO(timerfd_settime(0, 0, &old, NULL), EINVAL);
	UT_ERRNO(timerfd_settime(fd, 0x100, &old, NULL), EINVAL);
	UT_ERRNO(timerfd_gettime(-1, &old), EBADF);
	UT_ERRNO(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	UT_ERRNO(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
	UT_ERRNO(read(fd, &n, 4), EINVAL);
}

UTEST(anon_signalfd, "7.0", 0, "signalfd takes blocked signals, several at a time, with who sent them")
{
	struct signalfd_siginfo info[3];
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	UT_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	fd = UT_OK(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
	UT_ERRNO(read(fd, info, sizeof(info)), EAGAIN);
	UT_EQ(readable(fd, 0), 0);
	kill(getpid(), SIGUSR2);
	UT_EQ(sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 77 }), 0);
	UT_EQ(readable(fd, 0), 1);
	UT_ERRNO(read(fd, info, sizeof(info[0]) - 1), EINVAL);
	UT_EQ(read(fd, info, sizeof(info)), 2 * sizeof(info[0]));
	UT_EQ(info[0].ssi_signo, SIGUSR1);
	UT_EQ(info[0].ssi_int, 77);
	UT_EQ(info[0].ssi_code, SI_QUEUE);
	UT_EQ(info[1].ssi_signo, SIGUSR2);
	UT_EQ(info[1].ssi_pid, getpid());
	sigdelset(&set, SIGUSR1);
	UT_EQ(signalfd(fd, &set, 0), fd);		/* another set for the same file */
	kill(getpid(), SIGUSR1);
	UT_ERRNO(read(fd, info, sizeof(info)), EAGAIN);
	UT_ERRNO(signalfd(0, &set, 0), EINVAL);
	UT_ERRNO(signalfd(-2, &set, 0), EBADF);
	UT_ERRNO(signalfd(-1, &set, 1), EINVAL);
	UT_ERRNO(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL);
}

UTEST(anon_epoll, "7.0", 0, "epoll: levels and edges, one shot, changes, nesting, and refusals")
{
	int ep = UT_OK(epoll_create1(EPOLL_CLOEXEC)), outer = UT_OK(epoll_create(1)), p[2];
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = 0x123456789abcdefUL }, got[4];
	struct timespec none = { 0, 0 };

	UT_EQ(pipe(p), 0);
	UT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e), 0);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e), EEXIST);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &e), ENOENT);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], &e), ENOENT);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e), EINVAL);
	UT_ERRNO(epoll_ctl(ep, 9, p[0], &e), EINVAL);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, -1, &e), EBADF);
	UT_ERRNO(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e), EINVAL);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], (void *)8), EFAULT);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, UT_OK(open("/", O_RDONLY)), &e), EPERM);
	UT_EQ(epoll_wait(ep, got, 4, 0), 0);
	UT_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &e), 0);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, outer, &e), ELOOP);
	UT_EQ(write(p[1], "x", 1), 1);
	UT_EQ(epoll_wait(outer, got, 4, 1000), 1);
	UT_EQ(epoll_wait(ep, got, 4, 0), 1);
	UT_EQ(got[0].data.u64, 0x123456789abcdefUL);
	UT_EQ(got[0].events, EPOLLIN);
	UT_EQ(epoll_wait(ep, got, 4, 0), 1);		/* it still holds */
	e.events = EPOLLIN | EPOLLET;
	UT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e), 0);
	UT_EQ(epoll_wait(ep, got, 4, 0), 1);
	UT_EQ(epoll_wait(ep, got, 4, 0), 0);		/* told once */
	UT_EQ(write(p[1], "y", 1), 1);
	UT_EQ(epoll_pwait(ep, got, 4, 0, NULL), 1);
	e.events = EPOLLIN | EPOLLONESHOT;
	UT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e), 0);
	UT_EQ(syscall(SYS_epoll_pwait2, ep, got, 4, &none, NULL, 0), 1);
	UT_EQ(write(p[1], "z", 1), 1);
	UT_EQ(epoll_wait(ep, got, 4, 0), 0);		/* until it is armed again */
	UT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e), 0);
	UT_EQ(epoll_wait(ep, got, 4, 0), 1);
	close(p[0]);					/* leaves by itself */
	UT_EQ(epoll_wait(ep, got, 4, 0), 0);
	UT_ERRNO(epoll_wait(ep, got, 0, 0), EINVAL);
	UT_ERRNO(epoll_wait(ep, got, -1, 0), EINVAL);
	UT_ERRNO(epoll_wait(p[1], got, 1, 0), EINVAL);
	UT_ERRNO(epoll_wait(-1, got, 1, 0), EBADF);
	UT_ERRNO(epoll_create(0), EINVAL);
	UT_ERRNO(epoll_create1(1), EINVAL);
}

UTEST(anon_machine, "7.0", 0, "getcpu, sched_getaffinity and membarrier tell and order the processors")
{
	cpu_set_t set, one;
	unsigned cpu = 999, node = 999;
	int mask;

	UT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
	UT_ASSERT(CPU_COUNT(&set) >= 1);
	UT_ERRNO(sched_getaffinity(4194303, sizeof(set), &set), ESRCH);
	UT_ERRNO(syscall(SYS_sched_getaffinity, 0, 3, &set), EINVAL);
	UT_EQ(syscall(SYS_getcpu, &cpu, &node, NULL), 0);
	UT_ASSERT(CPU_ISSET(cpu, &set));
	CPU_ZERO(&one);
	UT_ERRNO(sched_setaffinity(0, sizeof(one), &one), EINVAL);
	CPU_SET(cpu, &one);
	UT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	UT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
	UT_EQ(CPU_COUNT(&set), 1);
	mask = (int)syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
	UT_ASSERT(mask & MEMBARRIER_CMD_GLOBAL && mask & MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	UT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0), 0);
	UT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
	UT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0), 0);
	UT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), 0);
	UT_ERRNO(syscall(SYS_membarrier, 1 << 20, 0, 0), EINVAL);
	UT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 5, 0), EINVAL);
}

UTEST(anon_memory, "7.0", 0, "mlock, mlock2, mlockall, mincore and msync take whole pages of what is mapped")
{
	char *p = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char in[4];

	UT_ASSERT(p != MAP_FAILED);
	UT_EQ(munmap(p + 3 * 4096, 4096), 0);
	UT_EQ(mincore(p, 3 * 4096, in), 0);
	UT_EQ(in[0] & 1, 0);
	UT_EQ(mlock(p + 100, 4096), 0);			/* two pages */
	UT_EQ(mincore(p, 3 * 4096, in), 0);
	UT_EQ((in[0] & 1) + (in[1] & 1) + (in[2] & 1), 2);
	UT_EQ(munlock(p, 4096), 0);
	UT_EQ(mlock2(p, 4096, MLOCK_ONFAULT), 0);
	UT_ERRNO(mlock2(p, 4096, 2), EINVAL);
	UT_ERRNO(mlock(p, 4 * 4096), ENOMEM);
	UT_ERRNO(mincore(p + 1, 4096, in), EINVAL);
	UT_ERRNO(mincore(p, 4 * 4096, in), ENOMEM);
	UT_ERRNO(mincore(p, 4096, (void *)8), EFAULT);
	UT_EQ(msync(p, 3 * 4096, MS_SYNC), 0);
	UT_ERRNO(msync(p, 4096, MS_SYNC | MS_ASYNC), EINVAL);
	UT_ERRNO(msync(p + 1, 4096, MS_SYNC), EINVAL);
	UT_ERRNO(msync(p, 4 * 4096, MS_ASYNC), ENOMEM);
	UT_ERRNO(msync(p, 4096, MS_INVALIDATE), EBUSY);		/* it is locked */
	UT_ERRNO(mlockall(0), EINVAL);
	UT_ERRNO(mlockall(8), EINVAL);
	UT_EQ(munlockall(), 0);
	UT_EQ(msync(p, 4096, MS_INVALIDATE), 0);
}

#define THREADS	100

static volatile pid_t tids[THREADS];

static void *sleep_long(void *slot)
{
	*(volatile pid_t *)slot = (pid_t)syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

UTEST(anon_nice_group, "7.0", 0, "setpriority of a process group reaches all threads, however many")
{
	pthread_t t;

	UT_EQ(setpgid(0, 0), 0);
	for (int i = 0; i < THREADS; i++)
		UT_EQ(pthread_create(&t, NULL, sleep_long, (void *)&tids[i]), 0);
	for (int i = 0; i < THREADS; i++)
		for (int wait = 0; !tids[i] && wait < LIMIT_MS / 5; wait++)
			sleep_ms(5);
	UT_EQ(setpriority(PRIO_PGRP, 0, 3), 0);
	for (int i = 0; i < THREADS; i++)
		UT_EQ(getpriority(PRIO_PROCESS, (id_t)tids[i]), 3);
}

static void *map_shared(int fd, int prot)
{
	return mmap(NULL, 4096, prot, MAP_SHARED, fd, 0);
}

UTEST(memfd_sizes, "7.0", 0, "F_SEAL_SHRINK and F_SEAL_GROW fix the size; what is not sealed goes on")
{
	int fd = UT_OK(memfd_create("s", MFD_ALLOW_SEALING));

	UT_EQ(fcntl(fd, F_GET_SEALS), 0);
	UT_OK(ftruncate(fd, 4096));
	UT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	UT_ERRNO(ftruncate(fd, 100), EPERM);
	UT_OK(ftruncate(fd, 8192));
	UT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	UT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW);
	UT_ERRNO(ftruncate(fd, 8193), EPERM);
	UT_ERRNO(fallocate(fd, 0, 8192, 1), EPERM);
	UT_ERRNO(pwrite(fd, "x", 1, 8192), EPERM);
	UT_EQ(pwrite(fd, "x", 1, 8191), 1);
	UT_OK(ftruncate(fd, 8192));
	UT_ERRNO(fcntl(fd, F_ADD_SEALS, 0x1000), EINVAL);
	UT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	UT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	fd = UT_OK(memfd_create("unsealed", 0));
	UT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	UT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	fd = UT_OK(open("/", O_RDONLY));
	UT_ERRNO(fcntl(fd, F_GET_SEALS), EINVAL);
}

UTEST(memfd_writers, "7.0", 0, "F_SEAL_WRITE waits for writable mappings to go, and keeps new ones out")
{
	int fd = UT_OK(memfd_create("w", MFD_ALLOW_SEALING));
	char *p;

	UT_EQ(write(fd, "text", 4), 4);
	UT_OK(ftruncate(fd, 4096));
	p = map_shared(fd, PROT_READ | PROT_WRITE);
	UT_ASSERT(p != MAP_FAILED);
	UT_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	UT_EQ(fcntl(fd, F_GET_SEALS), 0);
	UT_OK(fcntl(fd, F_ADD_SEALS, 0x10));		/* F_SEAL_FUTURE_WRITE */
	p[0] = 'n';
	UT_ERRNO(pwrite(fd, "x", 1, 0), EPERM);
	UT_ASSERT(map_shared(fd, PROT_READ | PROT_WRITE) == MAP_FAILED && errno == EPERM);
	UT_OK(munmap(p, 4096));
	p = map_shared(fd, PROT_READ);
	UT_ASSERT(p != MAP_FAILED && memcmp(p, "next", 4) == 0);
	UT_ERRNO(mprotect(p, 4096, PROT_READ | PROT_WRITE), EACCES);
	UT_OK(munmap(p, 4096));
	UT_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	UT_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), EPERM);
	UT_ASSERT(map_shared(fd, PROT_READ | PROT_WRITE) == MAP_FAILED && errno == EPERM);
	UT_ASSERT(map_shared(fd, PROT_READ) != MAP_FAILED);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	UT_ASSERT(p != MAP_FAILED);
	p[0] = 't';
	UT_EQ(pread(fd, p + 100, 4, 0), 4);
	UT_EQ(memcmp(p + 100, "next", 4), 0);
}

UTEST(coarse_clocks, "7.0", 0, "a coarse clock never goes back, whether the vDSO or the kernel tells it")
{
	static const int clocks[] = { CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE };

	for (int i = 0; i < 2000; i++) {
		struct timespec t[3];

		UT_OK(syscall(SYS_clock_gettime, clocks[i % 2], &t[0]));
		UT_OK(clock_gettime(clocks[i % 2], &t[1]));
		UT_OK(syscall(SYS_clock_gettime, clocks[i % 2], &t[2]));
		for (int k = 0; k < 2; k++)
			UT_ASSERT(t[k].tv_sec < t[k + 1].tv_sec ||
				  (t[k].tv_sec == t[k + 1].tv_sec && t[k].tv_nsec <= t[k + 1].tv_nsec));
	}
}

static volatile int other_tid, other_end;

static void *be_asked(void *arg)
{
	__atomic_store_n(&other_tid, gettid(), __ATOMIC_RELEASE);
	while (!__atomic_load_n(&other_end, __ATOMIC_ACQUIRE))
		usleep(1000);
	return arg;
}

UTEST(anon_thread_number, "7.0", 0, "kill, getpgid, getsid and prlimit take the number of any thread for its process")
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct rlimit limit;
	pthread_t thread;
	sigset_t set;
	int tid, sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	UT_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	UT_EQ(pthread_create(&thread, NULL, be_asked, NULL), 0);
	while (!(tid = __atomic_load_n(&other_tid, __ATOMIC_ACQUIRE)))
		usleep(1000);
	UT_ASSERT(tid != getpid());
	UT_EQ(kill(tid, 0), 0);
	UT_EQ(kill(tid, SIGUSR1), 0);
	UT_EQ(sigwait(&set, &sig), 0);	/* sent to the process: this thread may take it */
	UT_EQ(sig, SIGUSR1);
	UT_EQ(getpgid(tid), getpgrp());
	UT_EQ(getsid(tid), getsid(0));
	UT_EQ(prlimit(tid, RLIMIT_NOFILE, NULL, &limit), 0);
	__atomic_store_n(&other_end, 1, __ATOMIC_RELEASE);
	UT_EQ(pthread_join(thread, NULL), 0);
	UT_EQ(sigaction(SIGUSR1, &ignore, NULL), 0);
	UT_ERRNO(kill(tid, 0), ESRCH);
}

UTEST_MAIN(anon_memfd, anon_execveat, anon_eventfd, anon_timerfd, anon_signalfd, anon_epoll,
	   anon_machine, anon_memory, anon_nice_group, memfd_sizes, memfd_writers, coarse_clocks,
	   anon_thread_number)
