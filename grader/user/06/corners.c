/*
 * Corners of calls that public test suites look into (Linux's kernel selftests, the Linux Test
 * Project): what is allowed, and which error comes first.
 */
#include "05/vfs_test.h"
#include "06/posix.h"

#include <mqueue.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

/* In a child: run the script behind the descriptor. Its exit status, or that the call failed. */
static int run_script(int fd)
{
	char *const args[] = { "script", NULL };
	pid_t pid = UT_OK(fork());

	if (pid == 0) {
		syscall(SYS_execveat, fd, "", args, args + 1, AT_EMPTY_PATH);
		_exit(errno == ENOENT ? 77 : 78);
	}
	return wait_limited(pid, 0);
}

UTEST(exec_closed_script, "6.0", 0, "a script behind a descriptor that exec closes cannot be run: ENOENT")
{
	char link[64];
	int fd;

	in_new_directory();
	make_file("s", "#!/bin/sh\nexit 5\n");
	UT_OK(chmod("s", 0755));
	fd = UT_OK(open("s", O_RDONLY));
	mkdir("/proc", 0555);
	if (!exists("/proc/self"))
		UT_OK(mount("proc", "/proc", "proc", 0, NULL));
	if (readlink("/dev/fd", link, sizeof(link)) < 0)
		UT_OK(symlink("/proc/self/fd", "/dev/fd"));
	UT_EQ(run_script(fd), 0x500);
	UT_OK(fcntl(fd, F_SETFD, FD_CLOEXEC));
	UT_EQ(run_script(fd), 77 << 8);
}

UTEST(open_corners, "6.0", 0, "O_EXCL finds \".\" there already; O_TMPFILE stays in the file's flags")
{
	int fd;

	in_new_directory();
	UT_ERRNO(open(".", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	UT_ERRNO(open(".", O_CREAT | O_RDWR, 0600), EISDIR);
	UT_ERRNO(open("/", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	UT_ERRNO(open("new/", O_CREAT | O_EXCL | O_RDWR, 0600), EISDIR);
	fd = UT_OK(open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
	UT_EQ(fcntl(fd, F_GETFL) & (O_TMPFILE | O_CLOEXEC), O_TMPFILE);
}

UTEST(chown_nothing, "6.0", 0, "chown of nothing takes the set-id bits away, from who may do that")
{
	struct stat st;

	in_new_directory();
	make_file("f", "");
	UT_OK(chmod("f", 06755));
	UT_OK(chown("f", -1, -1));
	UT_OK(stat("f", &st));
	UT_EQ(st.st_mode & 07777, 0755);
	UT_OK(chmod("f", 02745));		/* a mark for locking, no set-group-id */
	UT_OK(chown("f", -1, -1));
	UT_OK(stat("f", &st));
	UT_EQ(st.st_mode & 07777, 02745);
	UT_OK(chmod("f", 04755));
	become_nobody();
	UT_ERRNO(chown("f", -1, -1), EPERM);
}

UTEST(copy_range_errors, "6.0", 0, "copy_file_range: first what the files are, then how they are open, then the flags")
{
	int dir, in, out, ends[2];

	in_new_directory();
	make_file("f", "text");
	dir = UT_OK(open(".", O_RDONLY));
	in = UT_OK(open("f", O_RDONLY));
	out = UT_OK(open("g", O_CREAT | O_RDWR, 0644));
	UT_OK(pipe(ends));
	UT_EQ(copy_file_range(in, NULL, out, NULL, 4, 0), 4);
	UT_ERRNO(copy_file_range(dir, NULL, in, NULL, 1, 0), EISDIR);
	UT_ERRNO(copy_file_range(ends[0], NULL, in, NULL, 1, 0), EINVAL);
	UT_ERRNO(copy_file_range(out, NULL, in, NULL, 1, 0), EBADF);
	UT_ERRNO(copy_file_range(in, NULL, out, NULL, 1, 1), EINVAL);
	UT_ERRNO(copy_file_range(in, NULL, 999, NULL, 1, 1), EBADF);
}

UTEST(proc_modes, "6.0", 0, "nobody changes the mode of what belongs to a process in /proc")
{
	mkdir("/proc", 0555);
	if (!exists("/proc/self"))
		UT_OK(mount("proc", "/proc", "proc", 0, NULL));
	UT_ERRNO(chmod("/proc/self", 0700), EPERM);
	UT_ERRNO(chown("/proc/self", 0, 0), EPERM);
	UT_ERRNO(chmod("/proc/self/status", 0666), EPERM);
	UT_OK(close(UT_OK(open("/proc/self/comm", O_WRONLY | O_TRUNC))));
}

UTEST(kill_nobody, "6.0", 0, "kill(-1) is no error when nobody may be signalled")
{
	pid_t pid = UT_OK(fork()), judge;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	judge = UT_OK(fork());
	if (judge == 0) {
		become_nobody();
		UT_ERRNO(kill(pid, 0), EPERM);
		UT_EQ(kill(-1, 0), 0);
		_exit(0);
	}
	UT_EQ(wait_limited(judge, 0), 0);
	UT_OK(kill(pid, SIGKILL));
	UT_EQ(wait_limited(pid, 0), SIGKILL);
}

UTEST(file_owner, "6.0", 0, "F_GETOWN and F_GETOWN_EX tell whom F_SETOWN and F_SETOWN_EX have named")
{
	struct f_owner_ex o = { F_OWNER_TID, (int)syscall(SYS_gettid) };
	int ends[2];

	UT_OK(pipe(ends));
	UT_EQ(fcntl(ends[0], F_GETOWN), 0);
	UT_OK(fcntl(ends[0], F_SETOWN, getpid()));
	UT_EQ(fcntl(ends[0], F_GETOWN), getpid());
	UT_OK(fcntl(ends[0], F_SETOWN_EX, &o));
	o.type = o.pid = -1;
	UT_OK(fcntl(ends[0], F_GETOWN_EX, &o));
	UT_EQ(o.type, F_OWNER_TID);
	UT_EQ(o.pid, (int)syscall(SYS_gettid));
	UT_OK(setpgid(0, 0));
	UT_OK(fcntl(ends[0], F_SETOWN, -getpgrp()));
	UT_OK(fcntl(ends[0], F_GETOWN_EX, &o));
	UT_EQ(o.type, F_OWNER_PGRP);
	UT_EQ(o.pid, getpgrp());
	o.type = 99;
	UT_ERRNO(fcntl(ends[0], F_SETOWN_EX, &o), EINVAL);
	o = (struct f_owner_ex){ F_OWNER_PID, 0x3fffffff };
	UT_ERRNO(fcntl(ends[0], F_SETOWN_EX, &o), ESRCH);
	UT_ERRNO(fcntl(ends[0], F_GETOWN_EX, (void *)8), EFAULT);
}

UTEST(populate_rights, "6.0", 0, "MADV_POPULATE_READ and _WRITE need the right to read and to write")
{
	size_t page = 4096;
	char *p = mmap(NULL, 4 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char there[4];

	UT_ASSERT(p != MAP_FAILED);
	UT_OK(madvise(p, page, 22));			/* MADV_POPULATE_READ */
	UT_ERRNO(madvise(p, page, 23), EINVAL);		/* MADV_POPULATE_WRITE */
	UT_OK(mprotect(p, page, PROT_WRITE));
	UT_ERRNO(madvise(p, page, 22), EINVAL);
	UT_OK(mprotect(p, 4 * page, PROT_READ | PROT_WRITE));
	UT_OK(madvise(p, 2 * page, 23));
	UT_OK(mincore(p, 4 * page, there));
	UT_EQ(there[0] & there[1] & 1, 1);
	UT_EQ((there[2] | there[3]) & 1, 0);
	UT_OK(munmap(p + page, page));
	UT_ERRNO(madvise(p, 4 * page, 23), ENOMEM);
}

UTEST(msg_copy, "6.0", 0, "MSG_COPY takes a copy of a message by its place and leaves it in the queue")
{
	struct { long type; char text[8]; } m = { 3, "first" };
	int id = UT_OK(msgget(IPC_PRIVATE, 0600));

	UT_OK(msgsnd(id, &m, 6, 0));
	m.type = 9;
	strcpy(m.text, "second");
	UT_OK(msgsnd(id, &m, 7, 0));
	UT_ERRNO(msgrcv(id, &m, 8, 0, MSG_COPY), EINVAL);
	UT_ERRNO(msgrcv(id, &m, 8, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT), EINVAL);
	UT_EQ(msgrcv(id, &m, 8, 0, MSG_COPY | IPC_NOWAIT), 6);
	UT_EQ(m.type, 3);
	UT_EQ(msgrcv(id, &m, 8, 1, MSG_COPY | IPC_NOWAIT), 7);
	UT_STREQ(m.text, "second");
	UT_ERRNO(msgrcv(id, &m, 8, 2, MSG_COPY | IPC_NOWAIT), ENOMSG);
	UT_ERRNO(msgrcv(id, &m, 2, 0, MSG_COPY | IPC_NOWAIT), E2BIG);
	UT_ERRNO(msgrcv(id, &m, 2, 0, MSG_COPY | MSG_NOERROR | IPC_NOWAIT), EINVAL);
	UT_EQ(msgrcv(id, &m, 8, 0, 0), 6);
	UT_EQ(msgrcv(id, &m, 8, 0, 0), 7);
	UT_OK(msgctl(id, IPC_RMID, NULL));
}

UTEST(timer_clocks, "6.0", 0, "which clocks have timers: alarm clocks for who may wake the machine, coarse ones never")
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	struct timespec zero = { 0, 0 };
	timer_t t;

	UT_OK(timer_create(CLOCK_TAI, &none, &t));
	UT_ERRNO(timer_create(CLOCK_MONOTONIC_RAW, &none, &t), EOPNOTSUPP);
	UT_ERRNO(timer_create(CLOCK_REALTIME_COARSE, &none, &t), EOPNOTSUPP);
	UT_ERRNO(timer_create(10, &none, &t), EINVAL);
	UT_ERRNO(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &zero, NULL), EOPNOTSUPP);
	UT_ERRNO(timerfd_create(CLOCK_TAI, 0), EINVAL);
	UT_OK(timerfd_create(CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC));
	if (timer_create(CLOCK_REALTIME_ALARM, &none, &t) < 0) {
		UT_EQ(errno, EOPNOTSUPP);	/* Linux, on a machine without such a clock */
		return;
	}
	become_nobody();
	UT_ERRNO(timerfd_create(CLOCK_REALTIME_ALARM, 0), EPERM);
	UT_ERRNO(timer_create(CLOCK_BOOTTIME_ALARM, &none, &t), EPERM);
}

static long mq_limit(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/fs/mqueue/%s", name);
	return atol(text_of(path));
}

UTEST(mq_limits, "6.0", 0, "RLIMIT_MSGQUEUE counts what a queue may take; /proc/sys/fs/mqueue has the other limits")
{
	struct mq_attr a = { .mq_maxmsg = 10, .mq_msgsize = 1000 };
	struct rlimit l;
	long max;
	mqd_t q;

	mkdir("/proc", 0555);
	if (!exists("/proc/self"))
		UT_OK(mount("proc", "/proc", "proc", 0, NULL));
	max = mq_limit("msg_max");
	UT_ASSERT(max >= 1 && max <= 65536 && mq_limit("msg_default") >= 1);
	UT_ASSERT(mq_limit("msgsize_max") >= 128 && mq_limit("queues_max") > 0);
	UT_OK(getrlimit(RLIMIT_MSGQUEUE, &l));
	l.rlim_cur = 2 * 10 * (1000 + 96) - 1;
	UT_OK(setrlimit(RLIMIT_MSGQUEUE, &l));
	become_nobody();
	q = UT_OK(mq_open("/trellis-a", O_CREAT | O_RDWR, 0600, &a));
	UT_ERRNO(mq_open("/trellis-b", O_CREAT | O_RDWR, 0600, &a), EMFILE);
	UT_OK(mq_unlink("/trellis-a"));
	UT_ERRNO(mq_open("/trellis-b", O_CREAT | O_RDWR, 0600, &a), EMFILE);
	UT_OK(mq_close(q));
	UT_OK(mq_open("/trellis-b", O_CREAT | O_RDWR, 0600, &a));
	UT_OK(mq_unlink("/trellis-b"));
	a.mq_maxmsg = max + 1;
	a.mq_msgsize = 1;
	UT_ERRNO(mq_open("/trellis-c", O_CREAT | O_RDWR, 0600, &a), EINVAL);
	UT_ERRNO(open("/proc/sys/fs/mqueue/msg_max", O_WRONLY), EACCES);
}

UTEST_MAIN(exec_closed_script, open_corners, chown_nothing, copy_range_errors,
	   proc_modes, kill_nobody, file_owner, populate_rights, msg_copy, timer_clocks,
	   mq_limits)
