/*
 * Local sockets at their edges: what must not be lost when something goes wrong or two things
 * happen at once. (unix(7), socket(7), signal(7), recvmmsg(2).)
 */
#include "posix.h"

#include <limits.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

static struct sockaddr_un name;
static socklen_t name_len;

/* A socket with a fresh name, which `name` and `name_len` hold. */
static int named(int type)
{
	int s = UT_OK(socket(AF_UNIX, type, 0));

	name_len = sizeof(name);
	UT_EQ(bind(s, (void *)&(struct sockaddr_un){ .sun_family = AF_UNIX }, sizeof(sa_family_t)), 0);
	UT_EQ(getsockname(s, (void *)&name, &name_len), 0);
	return s;
}

#define PAIRS	50
#define ROUNDS	20

UTEST(unix_last_words, "6.0", 0, "what is sent just before the end is read before the end")
{
	static int s[PAIRS][2];
	char c;

	for (int round = 0; round < ROUNDS; round++) {
		pid_t child;

		for (int i = 0; i < PAIRS; i++)
			UT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s[i]), 0);
		child = UT_OK(fork());
		if (child == 0) {
			for (int i = 0; i < PAIRS; i++)
				if (write(s[i][1], "x", 1) != 1 || shutdown(s[i][1], SHUT_WR) != 0)
					_exit(2);
			_exit(0);
		}
		for (int i = 0; i < PAIRS; i++) {
			ssize_t n;

			do
				n = read(s[i][0], &c, 1);
			while (n < 0 && errno == EAGAIN);
			UT_EQ(n, 1);
			do
				n = read(s[i][0], &c, 1);
			while (n < 0 && errno == EAGAIN);
			UT_EQ(n, 0);
			close(s[i][0]);
			close(s[i][1]);
		}
		UT_EQ(wait_limited(child, 0), 0);
	}
}

static void nothing(int sig)
{
	(void)sig;
}

/* A signal that would restart the call comes in 30 ms. */
static void alarm_soon(void)
{
	struct itimerval v = { .it_value.tv_usec = 30000 };

	UT_EQ(sigaction(SIGALRM, &(struct sigaction){ .sa_handler = nothing, .sa_flags = SA_RESTART },
			NULL), 0);
	UT_EQ(setitimer(ITIMER_REAL, &v, NULL), 0);
}

UTEST(unix_time_limit, "6.0", 0, "a call on a socket with a time limit is not begun again after a signal")
{
	struct timeval tv = { 2, 0 };
	char big[4096] = { 0 };
	int s[2], l, c;

	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	UT_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	alarm_soon();
	UT_ERRNO(recv(s[0], big, 1, 0), EINTR);
	while (send(s[0], big, sizeof(big), MSG_DONTWAIT) > 0)
		;
	alarm_soon();
	UT_ERRNO(send(s[0], big, sizeof(big), 0), EINTR);
	l = named(SOCK_STREAM);
	UT_EQ(listen(l, 0), 0);
	UT_EQ(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	alarm_soon();
	UT_ERRNO(accept(l, NULL, NULL), EINTR);
	c = UT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	UT_EQ(connect(c, (void *)&name, name_len), 0);
	c = UT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	UT_EQ(setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	alarm_soon();
	UT_ERRNO(connect(c, (void *)&name, name_len), EINTR);
}

UTEST(unix_accept_full, "6.0", 0, "an accept that finds no descriptor leaves the connection in the queue")
{
	int l = named(SOCK_STREAM), c, a;
	struct rlimit old, none;
	char buf[4];

	UT_EQ(listen(l, 5), 0);
	c = UT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	UT_EQ(connect(c, (void *)&name, name_len), 0);
	UT_EQ(write(c, "hi", 2), 2);
	UT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	UT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	UT_ERRNO(accept(l, NULL, NULL), EMFILE);
	UT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
	UT_EQ(fcntl(l, F_SETFL, O_NONBLOCK), 0);
	a = UT_OK(accept(l, NULL, NULL));
	UT_EQ(read(a, buf, 4), 2);
}

UTEST(unix_taken, "6.0", 0, "a datagram socket that is connected elsewhere cannot be connected to")
{
	int a, b = UT_OK(socket(AF_UNIX, SOCK_DGRAM, 0)), c = UT_OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	struct sockaddr_un name_a;
	socklen_t len_a;

	a = named(SOCK_DGRAM);
	name_a = name;
	len_a = name_len;
	named(SOCK_DGRAM);
	UT_EQ(connect(b, (void *)&name_a, len_a), 0);
	UT_EQ(connect(a, (void *)&name, name_len), 0);
	UT_ERRNO(connect(c, (void *)&name_a, len_a), EPERM);
	UT_ERRNO(sendto(c, "x", 1, 0, (void *)&name_a, len_a), EPERM);
	UT_ERRNO(send(c, "x", 1, 0), ENOTCONN);
}

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

UTEST(unix_control, "6.0", 0, "control messages of other protocols are passed over; lengths are checked")
{
	union control c = { .header = { CMSG_LEN(sizeof(int)), IPPROTO_IP, 1 } };
	struct iovec v = { "x", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	int s[2];

	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	UT_EQ(sendmsg(s[0], &m, 0), 1);
	c.header.cmsg_level = SOL_SOCKET;
	c.header.cmsg_type = 99;
	UT_ERRNO(sendmsg(s[0], &m, 0), EINVAL);
	m.msg_controllen = SIZE_MAX;
	c.header.cmsg_len = SIZE_MAX;
	c.header.cmsg_level = IPPROTO_IP;
	UT_ERRNO(sendmsg(s[0], &m, 0), ENOBUFS);
}

UTEST(unix_fault, "6.0", 0, "a receive at a bad address takes neither the bytes nor their descriptors")
{
	union control c = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	char byte = 'x';
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	int s[2], zero = 0;

	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	memcpy(CMSG_DATA(&c.header), &zero, sizeof(zero));
	UT_EQ(sendmsg(s[0], &m, 0), 1);
	v.iov_base = (void *)8;
	UT_ERRNO(recvmsg(s[1], &m, 0), EFAULT);
	v.iov_base = &byte;
	m.msg_controllen = sizeof(c);
	UT_EQ(recvmsg(s[1], &m, 0), 1);
	UT_EQ(m.msg_controllen, sizeof(c));
	UT_EQ(c.header.cmsg_type, SCM_RIGHTS);
}

UTEST(unix_many_fault, "6.0", 0, "recvmmsg that cannot store the first length says EFAULT")
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mmsghdr *m = (void *)(page + 4096 - sizeof(struct msghdr));
	char buf[4];
	struct iovec v = { buf, 4 };
	int s[2];

	UT_ASSERT(page != MAP_FAILED);
	UT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, s), 0);
	m->msg_hdr = (struct msghdr){ .msg_iov = &v, .msg_iovlen = 1 };
	UT_EQ(mprotect(page + 4096, 4096, PROT_READ), 0);
	UT_EQ(write(s[0], "abc", 3), 3);
	UT_ERRNO(recvmmsg(s[1], m, 1, 0, NULL), EFAULT);
}

UTEST(unix_kinds, "6.0", 0, "packets and datagrams differ from streams in how they end and are counted")
{
	struct pollfd f;
	int s[2], n;

	UT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	UT_EQ(write(s[0], "abc", 3), 3);
	UT_EQ(write(s[0], "de", 2), 2);
	UT_EQ(ioctl(s[1], FIONREAD, &n), 0);
	UT_EQ(n, 5);
	UT_EQ(read(s[1], &n, sizeof(n)), 3);
	UT_EQ(read(s[1], &n, sizeof(n)), 2);
	close(s[1]);
	UT_ERRNO(write(s[0], "f", 1), EPIPE);		/* and no SIGPIPE */
	UT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, s), 0);
	UT_EQ(shutdown(s[0], SHUT_RDWR), 0);
	f = (struct pollfd){ .fd = s[0], .events = POLLIN | POLLRDHUP };
	UT_EQ(poll(&f, 1, 0), 1);
	UT_EQ(f.revents, POLLIN | POLLRDHUP | POLLHUP);
	UT_ERRNO(recv(UT_OK(socket(AF_UNIX, SOCK_SEQPACKET, 0)), &n, 1, 0), ENOTCONN);
	s[0] = UT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	UT_EQ(shutdown(s[0], SHUT_WR), 0);
	UT_ERRNO(send(s[0], "x", 1, 0), ENOTCONN);
}

static int buffer(int s, int name_of, int value)
{
	socklen_t len = sizeof(value);

	UT_EQ(setsockopt(s, SOL_SOCKET, name_of, &value, sizeof(value)), 0);
	UT_EQ(getsockopt(s, SOL_SOCKET, name_of, &value, &len), 0);
	return value;
}

UTEST(unix_buffers, "6.0", 0, "SO_SNDBUF and SO_RCVBUF have least sizes of their own, and -1 asks for the most")
{
	int s = UT_OK(socket(AF_UNIX, SOCK_STREAM, 0));

	UT_EQ(buffer(s, SO_SNDBUF, 0), 4608);
	UT_EQ(buffer(s, SO_RCVBUF, 0), 2304);
	UT_EQ(buffer(s, SO_SNDBUF, -1), buffer(s, SO_SNDBUF, INT_MAX));
}

UTEST_MAIN(unix_last_words, unix_time_limit, unix_accept_full, unix_taken, unix_control, unix_fault,
	   unix_many_fault, unix_kinds, unix_buffers)
