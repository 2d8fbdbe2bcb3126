/*
 * What lab 06 gives besides the exercises: epoll, eventfd, timerfd, signalfd, timers, local
 * sockets. No points.
 */
#include "posix.h"

#include <limits.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>

static volatile sig_atomic_t count;

static void counter(int sig)
{
	count++;
	(void)sig;
}

UTEST(epoll_modes, "6.0", 0, "epoll: level, edge, one shot, and closed files go away")
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = 7 }, got[4];
	int ep = epoll_create1(0), p[2];
	char c;

	UT_ASSERT(ep >= 0);
	UT_EQ(pipe(p), 0);
	UT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), 0);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), EEXIST);
	UT_EQ(epoll_wait(ep, got, 4, 20), 0);
	UT_EQ(write(p[1], "ab", 2), 2);
	UT_EQ(epoll_wait(ep, got, 4, 1000), 1);
	UT_EQ(got[0].data.u32, 7);
	UT_EQ(got[0].events, EPOLLIN);
	UT_EQ(epoll_wait(ep, got, 4, 0), 1);
	ev.events = EPOLLIN | EPOLLET;
	UT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), 0);
	UT_EQ(epoll_wait(ep, got, 4, 0), 1);
	UT_EQ(epoll_wait(ep, got, 4, 0), 0);
	UT_EQ(read(p[0], &c, 1), 1);
	UT_EQ(epoll_wait(ep, got, 4, 0), 0);
	ev.events = EPOLLIN | EPOLLONESHOT;
	UT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), 0);
	UT_EQ(epoll_wait(ep, got, 4, 0), 1);
	UT_EQ(write(p[1], "c", 1), 1);
	UT_EQ(epoll_wait(ep, got, 4, 0), 0);
	close(p[0]);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), EBADF);
	UT_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL);
}

UTEST(epoll_nested, "6.0", 0, "an epoll instance can watch another, but not in a circle")
{
	struct epoll_event ev = { .events = EPOLLIN }, got;
	int a = epoll_create1(0), b = epoll_create1(0), e = eventfd(0, 0);
	uint64_t one = 1;

	UT_EQ(epoll_ctl(a, EPOLL_CTL_ADD, b, &ev), 0);
	UT_EQ(epoll_ctl(b, EPOLL_CTL_ADD, e, &ev), 0);
	UT_ERRNO(epoll_ctl(b, EPOLL_CTL_ADD, a, &ev), ELOOP);
	UT_EQ(epoll_wait(a, &got, 1, 10), 0);
	UT_EQ(write(e, &one, 8), 8);
	UT_EQ(epoll_wait(a, &got, 1, 1000), 1);
	UT_EQ(epoll_wait(b, &got, 1, 1000), 1);
	UT_EQ(read(e, &one, 8), 8);
	UT_EQ(epoll_wait(a, &got, 1, 0), 0);
}

UTEST(event_files, "6.0", 0, "eventfd counts, timerfd ticks, signalfd reads signals")
{
	struct itimerspec its = { .it_value.tv_nsec = 20000000, .it_interval.tv_nsec = 10000000 };
	int e = eventfd(3, EFD_NONBLOCK | EFD_SEMAPHORE), t = timerfd_create(CLOCK_MONOTONIC, 0), s;
	struct signalfd_siginfo si;
	sigset_t set;
	uint64_t v;

	UT_EQ(read(e, &v, 8), 8);
	UT_EQ(v, 1);
	v = 5;
	UT_EQ(write(e, &v, 8), 8);
	for (int i = 0; i < 7; i++)
		UT_EQ(read(e, &v, 8), 8);
	UT_ERRNO(read(e, &v, 8), EAGAIN);
	UT_EQ(timerfd_settime(t, 0, &its, NULL), 0);
	UT_ASSERT(readable(t, 1000));
	sleep_ms(35);
	UT_EQ(read(t, &v, 8), 8);
	UT_ASSERT(v >= 3 && v < 50);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s = signalfd(-1, &set, SFD_NONBLOCK);
	UT_ERRNO(read(s, &si, sizeof(si)), EAGAIN);
	UT_EQ(kill(getpid(), SIGUSR1), 0);
	UT_ASSERT(readable(s, 1000));
	UT_EQ(read(s, &si, sizeof(si)), sizeof(si));
	UT_EQ(si.ssi_signo, SIGUSR1);
	UT_EQ(si.ssi_pid, getpid());
}

UTEST(timers, "6.0", 0, "alarm, setitimer of all kinds, timer_create")
{
	struct itimerval it = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 }, was;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	struct itimerspec its = { .it_value.tv_nsec = 20000000 };
	timer_t timer;
	long start = now_ms();

	handle(SIGALRM, counter, 0);
	handle(SIGVTALRM, counter, 0);
	handle(SIGUSR2, counter, 0);
	UT_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	while (count < 3)
		pause();
	UT_ASSERT(now_ms() - start >= 58);
	memset(&it, 0, sizeof(it));
	UT_EQ(setitimer(ITIMER_REAL, &it, &was), 0);
	UT_EQ(was.it_interval.tv_usec, 20000);
	UT_EQ(alarm(10), 0);
	UT_EQ(alarm(0), 10);
	count = 0;
	it.it_value.tv_usec = 30000;
	UT_EQ(setitimer(ITIMER_VIRTUAL, &it, NULL), 0);
	start = now_ms();
	while (!count && now_ms() - start < LIMIT_MS)
		;
	UT_EQ(count, 1);
	count = 0;
	UT_EQ(timer_create(CLOCK_MONOTONIC, &ev, &timer), 0);
	UT_EQ(timer_settime(timer, 0, &its, NULL), 0);
	UT_ASSERT(wait_for(&count));
	UT_EQ(timer_delete(timer), 0);
	UT_ERRNO(timer_delete(timer), EINVAL);
}

/* A timer on this clock fires when so much CPU time has been used, and not before. */
static void check_cpu_timer(clockid_t clock)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	struct itimerspec its = { .it_value.tv_nsec = 60000000 };
	long start = now_ms();
	struct timespec ts;
	timer_t timer;

	count = 0;
	UT_EQ(clock_gettime(clock, &ts), 0);
	UT_EQ(timer_create(clock, &ev, &timer), 0);
	UT_EQ(timer_settime(timer, 0, &its, NULL), 0);
	sleep_ms(100);
	UT_EQ(count, 0);
	UT_EQ(timer_gettime(timer, &its), 0);
	UT_ASSERT(its.it_value.tv_sec == 0 && its.it_value.tv_nsec > 0);
	while (!count && now_ms() - start < LIMIT_MS)
		;
	UT_EQ(count, 1);
	UT_EQ(timer_delete(timer), 0);
}

UTEST(cpu_timers, "6.0", 0, "timer_create on the CPU time of the process and of the thread")
{
	clockid_t clock;

	handle(SIGUSR2, counter, 0);
	check_cpu_timer(CLOCK_PROCESS_CPUTIME_ID);
	check_cpu_timer(CLOCK_THREAD_CPUTIME_ID);
	UT_EQ(clock_getcpuclockid(getpid(), &clock), 0);
	check_cpu_timer(clock);
	UT_ERRNO(timer_create((int)(~99999u << 3 | 2), NULL, &(timer_t){ 0 }), EINVAL);
}

UTEST(timers_short, "6.0", 0, "a timer with the shortest period does not stop the machine")
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGURG };
	struct itimerspec its = { .it_value.tv_nsec = 1, .it_interval.tv_nsec = 1 };
	struct itimerval it = { .it_value.tv_usec = 1, .it_interval.tv_usec = 1 };
	timer_t timer;

	/* Ignored, so the kernel itself goes on from period to period. */
	UT_EQ(timer_create(CLOCK_MONOTONIC, &ev, &timer), 0);
	UT_EQ(timer_settime(timer, 0, &its, NULL), 0);
	handle(SIGALRM, SIG_IGN, 0);
	UT_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	sleep_ms(50);
	UT_EQ(timer_gettime(timer, &its), 0);
	UT_EQ(its.it_interval.tv_nsec, 1);
	UT_EQ(timer_delete(timer), 0);
}

UTEST(restart, "6.0", 0, "SA_RESTART continues a read, without it EINTR; a stop does not disturb a sleep")
{
	struct timespec ts = { 0, 150000000 };
	long start = now_ms();
	pid_t pid, me = getpid();
	int p[2];
	char c;

	UT_EQ(pipe(p), 0);
	for (int flags = 0; flags < 2; flags++) {
		handle(SIGUSR1, counter, flags ? SA_RESTART : 0);
		pid = fork();
		if (pid == 0) {
			sleep_ms(40);
			kill(me, SIGUSR1);
			sleep_ms(40);
			_exit(write(p[1], "x", 1) == 1 ? 0 : 2);
		}
		if (!flags)
			UT_ERRNO(read(p[0], &c, 1), EINTR);
		UT_EQ(read(p[0], &c, 1), 1);
		UT_EQ(wait_limited(pid, 0), 0);
	}
	UT_EQ(count, 2);
	pid = fork();
	if (pid == 0) {
		sleep_ms(40);
		kill(me, SIGSTOP);
		sleep_ms(20);
		kill(me, SIGCONT);
		_exit(0);
	}
	start = now_ms();
	UT_EQ(nanosleep(&ts, NULL), 0);
	UT_ASSERT(now_ms() - start >= 150);
	wait_limited(pid, 0);
}

static void send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { "f", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	UT_EQ(sendmsg(sock, &m, 0), 1);
}

static int recv_fd(int sock)
{
	char control[CMSG_SPACE(sizeof(int))], data;
	struct iovec iov = { &data, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd;

	UT_EQ(recvmsg(sock, &m, 0), 1);
	UT_ASSERT(CMSG_FIRSTHDR(&m) && CMSG_FIRSTHDR(&m)->cmsg_type == SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

UTEST(sockets, "6.0", 0, "local sockets: pairs, names, datagrams, descriptors, credentials, ends")
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0trellis-test" };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 13;
	int s[2], l, c, a, p[2];
	struct ucred cred;
	static char big[300000];
	char buf[16];
	pid_t pid;

	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(write(s[0], "hello", 5), 5);
	UT_EQ(read(s[1], buf, 3), 3);
	UT_EQ(read(s[1], buf, 16), 2);
	UT_EQ(pipe(p), 0);
	send_fd(s[0], p[1]);
	a = recv_fd(s[1]);
	UT_EQ(write(a, "!", 1), 1);
	UT_EQ(read(p[0], buf, 1), 1);
	UT_EQ(shutdown(s[0], SHUT_WR), 0);
	UT_EQ(read(s[1], buf, 1), 0);
	UT_EQ(send(s[1], "x", 1, MSG_NOSIGNAL), 1);
	close(s[1]);
	UT_EQ(read(s[0], buf, 16), 1);
	UT_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);

	l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	UT_EQ(bind(l, (void *)&name, len), 0);
	UT_EQ(listen(l, 5), 0);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	UT_EQ(connect(c, (void *)&name, len), 0);
	UT_ASSERT(readable(l, 1000));
	a = accept(l, NULL, NULL);
	UT_ASSERT(a >= 0);
	len = sizeof(cred);
	UT_EQ(getsockopt(a, SOL_SOCKET, SO_PEERCRED, &cred, &len), 0);
	UT_EQ(cred.pid, getpid());
	pid = fork();
	if (pid == 0) {
		size_t have = 0;

		while (have < sizeof(big)) {
			ssize_t n = read(c, big, 70000);

			if (n <= 0)
				_exit(2);
			have += n;
		}
		_exit(0);
	}
	UT_EQ(write(a, big, sizeof(big)), sizeof(big));
	UT_EQ(wait_limited(pid, 0), 0);
	close(l);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	UT_ERRNO(connect(c, (void *)&name, offsetof(struct sockaddr_un, sun_path) + 13),
		 ECONNREFUSED);

	UT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, s), 0);
	UT_EQ(send(s[0], "one", 3, 0), 3);
	UT_EQ(send(s[0], "three", 5, 0), 5);
	UT_EQ(recv(s[1], buf, 16, MSG_PEEK), 3);
	UT_EQ(recv(s[1], buf, 16, 0), 3);
	UT_EQ(recv(s[1], buf, 2, MSG_TRUNC), 5);
	UT_ERRNO(recv(s[1], buf, 2, MSG_DONTWAIT), EAGAIN);
	UT_ERRNO(socket(AF_UNIX, 77, 0), EINVAL);
	UT_ERRNO(socket(60, SOCK_STREAM, 0), EAFNOSUPPORT);
}

UTEST(sysv_ipc, "6.0", 0, "System V shared memory, semaphores with undo, message queues")
{
	int shm = shmget(IPC_PRIVATE, 10000, IPC_CREAT | 0600), sem = semget(IPC_PRIVATE, 2, 0600);
	int q = msgget(IPC_PRIVATE, 0600);
	struct sembuf down = { 0, -1, SEM_UNDO }, up = { 0, 1, 0 }, zero = { 1, 0, IPC_NOWAIT };
	struct { long type; char text[16]; } m = { 3, "three" };
	struct shmid_ds ds;
	volatile int *p;
	pid_t pid;

	UT_ASSERT(shm >= 0 && sem >= 0 && q >= 0);
	p = shmat(shm, NULL, 0);
	UT_ASSERT(p != (void *)-1);
	UT_EQ(p[0], 0);
	UT_EQ(semop(sem, &up, 1), 0);
	pid = fork();
	if (pid == 0) {
		if (semop(sem, &down, 1) != 0)
			_exit(2);
		p[0] = 42;
		_exit(0);		/* the semaphore goes up again by itself */
	}
	UT_EQ(wait_limited(pid, 0), 0);
	UT_EQ(p[0], 42);
	UT_EQ(semctl(sem, 0, GETVAL), 1);
	UT_EQ(semop(sem, &zero, 1), 0);
	zero.sem_num = 0;
	UT_ERRNO(semop(sem, &zero, 1), EAGAIN);
	UT_EQ(shmctl(shm, IPC_STAT, &ds), 0);
	UT_EQ(ds.shm_nattch, 1);
	UT_EQ(ds.shm_segsz, 10000);
	UT_EQ(shmctl(shm, IPC_RMID, NULL), 0);
	p[1] = 1;
	UT_EQ(shmdt((void *)p), 0);
	UT_ERRNO(shmctl(shm, IPC_STAT, &ds), EINVAL);
	UT_EQ(msgsnd(q, &m, 6, 0), 0);
	m.type = 2;
	UT_EQ(msgsnd(q, &m, 4, 0), 0);
	UT_EQ(msgrcv(q, &m, 16, -5, 0), 4);
	UT_EQ(m.type, 2);
	UT_ERRNO(msgrcv(q, &m, 3, 3, 0), E2BIG);
	UT_EQ(msgrcv(q, &m, 16, 3, 0), 6);
	UT_ERRNO(msgrcv(q, &m, 16, 0, IPC_NOWAIT), ENOMSG);
	UT_EQ(msgctl(q, IPC_RMID, NULL), 0);
	UT_EQ(semctl(sem, 0, IPC_RMID), 0);
	UT_ASSERT(semop(sem, &up, 1) == -1);
}

UTEST(sysv_undo, "6.0", 0, "undo of semaphores is bounded, and ends for all processes when a value is set")
{
	int sem = semget(IPC_PRIVATE, 2, 0600);
	struct sembuf up = { 0, 32767, SEM_UNDO }, down = { 0, -32767, 0 }, more = { 0, 2, SEM_UNDO };
	struct sembuf wrong[2] = { { 0, -1, 0 }, { 7, 1, 0 } };
	int ready[2];
	pid_t child;
	char c;

	UT_ASSERT(sem >= 0);
	UT_ERRNO(semop(sem, wrong, 2), EFBIG);		/* before it waits for the first */
	UT_EQ(semop(sem, &up, 1), 0);
	UT_EQ(semop(sem, &down, 1), 0);
	UT_ERRNO(semop(sem, &more, 1), ERANGE);		/* -32769 is no adjustment */
	UT_EQ(semctl(sem, 0, GETVAL), 0);
	UT_EQ(pipe(ready), 0);
	child = UT_OK(fork());
	if (child == 0) {
		UT_EQ(semop(sem, &more, 1), 0);
		UT_EQ(write(ready[1], "r", 1), 1);
		pause();
	}
	UT_EQ(read(ready[0], &c, 1), 1);
	UT_EQ(semctl(sem, 0, GETVAL), 2);
	UT_EQ(semctl(sem, 0, SETVAL, 5), 0);
	UT_EQ(kill(child, SIGKILL), 0);
	UT_EQ(waitpid(child, NULL, 0), child);
	UT_EQ(semctl(sem, 0, GETVAL), 5);
	child = UT_OK(fork());
	if (child == 0) {				/* the set goes before its undo does */
		UT_EQ(semop(sem, &more, 1), 0);
		UT_EQ(semctl(sem, 0, IPC_RMID), 0);
		sem = semget(IPC_PRIVATE, 2, 0600);
		_exit(semop(sem, &more, 1) == 0 && semctl(sem, 0, IPC_RMID) == 0 ? 0 : 2);
	}
	UT_EQ(wait_limited(child, 0), 0);
}

UTEST(sysv_least, "6.0", 0, "msgrcv takes the lowest type up to a bound, also when that is LONG_MIN")
{
	int q = msgget(IPC_PRIVATE, 0600);
	struct { long type; char text[4]; } m = { LONG_MAX, "x" };

	UT_ASSERT(q >= 0);
	UT_EQ(msgsnd(q, &m, 1, 0), 0);
	m.type = 9;
	UT_EQ(msgsnd(q, &m, 1, 0), 0);
	UT_EQ(msgrcv(q, &m, 4, LONG_MIN, IPC_NOWAIT), 1);
	UT_EQ(m.type, 9);
	UT_EQ(msgrcv(q, &m, 4, LONG_MIN, IPC_NOWAIT), 1);
	UT_EQ(m.type, LONG_MAX);
	UT_EQ(msgctl(q, IPC_RMID, NULL), 0);
}

UTEST(sysv_info, "6.0", 0, "the INFO commands of System V IPC tell the limits, and what is in use")
{
	int shm = shmget(IPC_PRIVATE, 3 * 4096 + 1, 0600), sem = semget(IPC_PRIVATE, 7, 0600);
	int q = msgget(IPC_PRIVATE, 0600);
	struct { long type; char text[16]; } m = { 3, "three" };
	struct shminfo shm_limits;
	struct shm_info shm_usage;
	struct seminfo sem_usage;
	struct msginfo msg_usage;
	struct msqid_ds ds;
	int last;

	UT_ASSERT(shm >= 0 && sem >= 0 && q >= 0);
	UT_EQ(msgsnd(q, &m, 6, 0), 0);
	last = (int)UT_OK(msgctl(0, MSG_INFO, (struct msqid_ds *)&msg_usage));
	UT_ASSERT(msg_usage.msgpool >= 1 && msg_usage.msgmap >= 1 && msg_usage.msgtql >= 6);
	UT_OK(msgctl(last, MSG_STAT, &ds));
	UT_OK(msgctl(0, IPC_INFO, (struct msqid_ds *)&msg_usage));
	UT_EQ(msg_usage.msgmax, 8192);
	UT_OK(semctl(0, 0, SEM_INFO, &sem_usage));
	UT_ASSERT(sem_usage.semusz >= 1 && sem_usage.semaem >= 7);
	UT_EQ(sem_usage.semvmx, 32767);
	UT_OK(semctl(0, 0, IPC_INFO, &sem_usage));
	UT_EQ(sem_usage.semaem, 32767);
	UT_OK(shmctl(0, SHM_INFO, (struct shmid_ds *)&shm_usage));
	UT_ASSERT(shm_usage.used_ids >= 1 && shm_usage.shm_tot >= 4);
	UT_OK(shmctl(0, IPC_INFO, (struct shmid_ds *)&shm_limits));
	UT_EQ(shm_limits.shmmin, 1);
	UT_EQ(msgctl(q, IPC_RMID, NULL), 0);
	UT_EQ(semctl(sem, 0, IPC_RMID), 0);
	UT_EQ(shmctl(shm, IPC_RMID, NULL), 0);
}

UTEST(posix_mq, "6.0", 0, "POSIX message queues: priorities, limits, a signal for the first message")
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 }, got;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct timespec now;
	unsigned prio;
	char buf[16], text[100];
	mqd_t q;
	ssize_t len;

	mq_unlink("/trellis");
	UT_ERRNO(mq_open("/trellis", O_RDWR), ENOENT);
	q = mq_open("/trellis", O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	UT_EQ(fcntl(q, F_GETFD), FD_CLOEXEC);
	UT_ASSERT(q != (mqd_t)-1);
	handle(SIGUSR1, counter, 0);
	UT_EQ(mq_notify(q, &ev), 0);
	UT_EQ(mq_send(q, "low", 3, 1), 0);
	UT_EQ(count, 1);
	UT_EQ(mq_send(q, "high", 4, 9), 0);
	UT_EQ(mq_getattr(q, &got), 0);
	UT_EQ(got.mq_curmsgs, 2);
	len = read(q, text, sizeof(text) - 1);
	UT_ASSERT(len > 10);
	UT_ASSERT(strncmp(text, "QSIZE:7 ", 8) == 0 && text[len - 1] == '\n');
	UT_EQ(read(q, text, sizeof(text)), 0);
	clock_gettime(CLOCK_REALTIME, &now);
	UT_ERRNO(mq_timedsend(q, "x", 1, 0, &now), ETIMEDOUT);
	UT_EQ(mq_receive(q, buf, 16, &prio), 4);
	UT_EQ(prio, 9);
	UT_ERRNO(mq_receive(q, buf, 8, NULL), EMSGSIZE);
	UT_EQ(mq_receive(q, buf, 16, NULL), 3);
	/* Signal 0 can be asked for: then nobody else can ask, and nothing is sent. */
	ev.sigev_signo = 0;
	UT_EQ(mq_notify(q, &ev), 0);
	UT_ERRNO(mq_notify(q, &ev), EBUSY);
	UT_EQ(mq_send(q, "x", 1, 0), 0);
	UT_EQ(mq_notify(q, &ev), 0);
	UT_EQ(mq_unlink("/trellis"), 0);
	UT_ERRNO(mq_unlink("/trellis"), ENOENT);
	UT_EQ(mq_close(q), 0);
}

UTEST_MAIN(epoll_modes, epoll_nested, event_files, timers, cpu_timers, timers_short, restart,
	   sockets, sysv_ipc, sysv_undo, sysv_least, sysv_info, posix_mq)
