/*
 * Local sockets, call by call: names, connections, messages with data beside them, options, errors.
 * (unix(7), socket(7), POSIX.1-2017 XSH 2.10.)
 */
#include "posix.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

static struct sockaddr_un name;

/* Fill in `name` with a path, or an abstract name that begins with '@'. Its length. */
static socklen_t set_name(const char *text)
{
	size_t n = strlen(text);

	memset(&name, 0, sizeof(name));
	name.sun_family = AF_UNIX;
	memcpy(name.sun_path, text, n);
	if (*text == '@')
		name.sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*text != '@'));
}

static int bound(int type, const char *text)
{
	int s = UT_OK(socket(AF_UNIX, type, 0));

	if (*text != '@')
		unlink(text);
	UT_EQ(bind(s, (void *)&name, set_name(text)), 0);
	return s;
}

static int listener(int type, const char *text, int backlog)
{
	int s = bound(type, text);

	UT_EQ(listen(s, backlog), 0);
	return s;
}

static int connected(int type, const char *text)
{
	int s = UT_OK(socket(AF_UNIX, type, 0));

	UT_EQ(connect(s, (void *)&name, set_name(text)), 0);
	return s;
}

static void pair(int type, int s[2])
{
	UT_EQ(socketpair(AF_UNIX, type, 0, s), 0);
}

UTEST(socket_make, "6.0", 0, "socket and socketpair: which families, types, protocols and flags there are")
{
	int s[2], fd = UT_OK(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), value;
	socklen_t len = sizeof(value);

	UT_EQ(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_RDWR);
	UT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	UT_EQ(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len), 0);
	UT_EQ(value, SOCK_SEQPACKET);
	UT_EQ(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &len), 0);
	UT_EQ(value, AF_UNIX);
	UT_EQ(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &value, &len), 0);
	UT_EQ(value, 0);
	UT_EQ(socketpair(AF_UNIX, SOCK_STREAM, AF_UNIX, s), 0);
	UT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 7), EPROTONOSUPPORT);
	UT_ERRNO(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	UT_ERRNO(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL);
	UT_ERRNO(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
	UT_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8), EFAULT);
	UT_ERRNO(bind(fd, (void *)&name, 0), EINVAL);
	UT_ERRNO(connect(0, (void *)&name, 2), ENOTSOCK);
	UT_ERRNO(connect(-1, (void *)&name, 2), EBADF);
	UT_ERRNO(lseek(fd, 0, SEEK_SET), ESPIPE);
	UT_ERRNO(recv(fd, &value, 1, 0), ENOTCONN);
	UT_ERRNO(send(fd, &value, 1, MSG_NOSIGNAL), ENOTCONN);
}

UTEST(socket_names, "6.0", 0, "getsockname and getpeername tell paths, abstract names, and nothing")
{
	struct sockaddr_un got;
	socklen_t len = sizeof(got), n;
	int l = listener(SOCK_STREAM, "/tmp/sock-a", 3), c = connected(SOCK_STREAM, "/tmp/sock-a"), a;
	struct stat st;

	UT_EQ(stat("/tmp/sock-a", &st), 0);
	UT_ASSERT(S_ISSOCK(st.st_mode));
	UT_ERRNO(open("/tmp/sock-a", O_RDWR), ENXIO);
	a = UT_OK(accept(l, (void *)&got, &len));
	UT_EQ(len, sizeof(sa_family_t));		/* the client has no name */
	len = sizeof(got);
	UT_EQ(getsockname(a, (void *)&got, &len), 0);
	UT_EQ(len, offsetof(struct sockaddr_un, sun_path) + 12);
	UT_STREQ(got.sun_path, "/tmp/sock-a");
	len = sizeof(got);
	UT_EQ(getpeername(c, (void *)&got, &len), 0);
	UT_STREQ(got.sun_path, "/tmp/sock-a");
	len = 4;
	memset(&got, 'x', sizeof(got));
	UT_EQ(getpeername(c, (void *)&got, &len), 0);	/* cut, with the full length told */
	UT_EQ(len, offsetof(struct sockaddr_un, sun_path) + 12);
	UT_EQ(got.sun_path[2], 'x');
	len = sizeof(got);
	UT_ERRNO(getpeername(l, (void *)&got, &len), ENOTCONN);
	len = (socklen_t)-1;
	UT_ERRNO(getsockname(l, (void *)&got, &len), EINVAL);
	n = set_name("@trellis-names");
	a = bound(SOCK_DGRAM, "@trellis-names");
	len = sizeof(got);
	UT_EQ(getsockname(a, (void *)&got, &len), 0);
	UT_EQ(len, n);
	UT_EQ(memcmp(got.sun_path, name.sun_path, 14), 0);
	/* Only a family: a name is made up. */
	a = UT_OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	UT_EQ(bind(a, (void *)&name, sizeof(sa_family_t)), 0);
	len = sizeof(got);
	UT_EQ(getsockname(a, (void *)&got, &len), 0);
	UT_EQ(len, sizeof(sa_family_t) + 6);
	UT_EQ(got.sun_path[0], 0);
	unlink("/tmp/sock-a");
}

UTEST(socket_bind_errors, "6.0", 0, "bind refuses names in use, second names, bad paths and long ones")
{
	int s = bound(SOCK_STREAM, "/tmp/sock-b"), t = UT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	socklen_t len = set_name("/tmp/sock-b");

	UT_ERRNO(bind(t, (void *)&name, len), EADDRINUSE);
	UT_ERRNO(bind(s, (void *)&name, set_name("/tmp/sock-c")), EINVAL);
	UT_ERRNO(bind(t, (void *)&name, set_name("/none/sock")), ENOENT);
	UT_ERRNO(bind(t, (void *)&name, sizeof(name) + 1), EINVAL);
	name.sun_family = AF_INET;
	UT_ERRNO(bind(t, (void *)&name, len), EINVAL);
	UT_ERRNO(connect(t, (void *)&name, len), EINVAL);
	bound(SOCK_STREAM, "@trellis-b");
	UT_ERRNO(bind(t, (void *)&name, set_name("@trellis-b")), EADDRINUSE);
	UT_ERRNO(connect(t, (void *)&name, set_name("/tmp/none")), ENOENT);
	UT_ERRNO(connect(t, (void *)&name, set_name("/tmp/sock-b")), ECONNREFUSED);	/* does not listen */
	UT_ERRNO(connect(t, (void *)&name, set_name("@none")), ECONNREFUSED);
	UT_ERRNO(connect(t, (void *)&name, set_name("/tmp")), ECONNREFUSED);	/* no socket */
	unlink("/tmp/sock-b");
}

UTEST(socket_listen, "6.0", 0, "listen bounds who waits; accept gives each its own socket; the wrong type is refused")
{
	int l = listener(SOCK_STREAM, "@trellis-l", 0), c, d, a, one = 1;
	socklen_t len;

	c = connected(SOCK_STREAM, "@trellis-l");
	d = UT_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
	len = set_name("@trellis-l");
	UT_ERRNO(connect(d, (void *)&name, len), EAGAIN);		/* the queue is full */
	a = UT_OK(accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	UT_EQ(fcntl(a, F_GETFD), FD_CLOEXEC);
	UT_ERRNO(read(a, &one, 1), EAGAIN);
	UT_EQ(connect(d, (void *)&name, len), 0);
	UT_OK(accept(l, NULL, NULL));
	UT_ERRNO(connect(d, (void *)&name, len), EISCONN);
	UT_ERRNO(accept4(l, NULL, NULL, 1), EINVAL);
	UT_ERRNO(accept(c, NULL, NULL), EINVAL);
	UT_ERRNO(listen(c, 1), EINVAL);		/* connected */
	UT_ERRNO(listen(UT_OK(socket(AF_UNIX, SOCK_DGRAM, 0)), 1), EOPNOTSUPP);
	UT_ERRNO(listen(UT_OK(socket(AF_UNIX, SOCK_STREAM, 0)), 1), EINVAL);	/* no name */
	UT_ERRNO(connect(UT_OK(socket(AF_UNIX, SOCK_SEQPACKET, 0)), (void *)&name, len), ECONNREFUSED);
	UT_ERRNO(connect(UT_OK(socket(AF_UNIX, SOCK_DGRAM, 0)), (void *)&name, len), ECONNREFUSED);	/* names are by type */
	listener(SOCK_STREAM, "/tmp/sock-l", 1);
	len = set_name("/tmp/sock-l");
	UT_ERRNO(connect(UT_OK(socket(AF_UNIX, SOCK_SEQPACKET, 0)), (void *)&name, len), EPROTOTYPE);
	unlink("/tmp/sock-l");
	len = sizeof(one);
	UT_EQ(getsockopt(l, SOL_SOCKET, SO_ACCEPTCONN, &one, &len), 0);
	UT_EQ(one, 1);
	d = connected(SOCK_STREAM, "@trellis-l");
	close(l);		/* d still waits there */
	UT_ERRNO(recv(d, &one, 1, 0), ECONNRESET);
	UT_ERRNO(send(d, "x", 1, MSG_NOSIGNAL), EPIPE);
}

UTEST(socket_stream, "6.0", 0, "a stream has no borders: MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, shutdown, reset")
{
	char buf[32];
	int s[2];
	pid_t pid;

	pair(SOCK_STREAM, s);
	UT_EQ(send(s[0], "abc", 3, 0), 3);
	UT_EQ(send(s[0], "def", 3, 0), 3);
	UT_EQ(recv(s[1], buf, 32, MSG_PEEK), 6);
	UT_EQ(memcmp(buf, "abcdef", 6), 0);
	UT_EQ(recv(s[1], buf, 3, MSG_PEEK), 3);
	UT_EQ(recv(s[1], buf, 4, 0), 4);
	UT_EQ(memcmp(buf, "abcd", 4), 0);
	pid = fork();
	if (pid == 0) {
		sleep_ms(30);
		_exit(send(s[0], "ghi", 3, 0) != 3);
	}
	UT_EQ(recv(s[1], buf, 5, MSG_WAITALL), 5);
	UT_EQ(memcmp(buf, "efghi", 5), 0);
	UT_EQ(wait_limited(pid, 0), 0);
	UT_ERRNO(recv(s[1], buf, 1, MSG_DONTWAIT), EAGAIN);
	UT_ERRNO(recv(s[1], buf, 1, MSG_OOB | MSG_DONTWAIT), EINVAL);
	UT_EQ(shutdown(s[1], SHUT_RD), 0);
	UT_EQ(recv(s[1], buf, 1, 0), 0);
	UT_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	UT_ERRNO(shutdown(s[0], 3), EINVAL);
	UT_EQ(shutdown(UT_OK(socket(AF_UNIX, SOCK_STREAM, 0)), SHUT_WR), 0);	/* Linux only */
	/* Closing with unread bytes resets the peer. */
	pair(SOCK_STREAM, s);
	UT_EQ(send(s[0], "x", 1, 0), 1);
	close(s[1]);
	UT_ERRNO(recv(s[0], buf, 1, 0), ECONNRESET);
	UT_EQ(recv(s[0], buf, 1, 0), 0);
}

UTEST(socket_packets, "6.0", 0, "datagrams and packets keep their borders, are cut with MSG_TRUNC, and may be empty")
{
	char buf[8];
	struct iovec v = { buf, 2 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int s[2];

	pair(SOCK_SEQPACKET, s);
	UT_EQ(send(s[0], "abc", 3, 0), 3);
	UT_EQ(send(s[0], "de", 2, MSG_EOR), 2);
	UT_EQ(recvmsg(s[1], &m, 0), 2);
	UT_EQ(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
	UT_EQ(recv(s[1], buf, 8, 0), 2);
	close(s[0]);
	UT_EQ(recv(s[1], buf, 8, 0), 0);
	pair(SOCK_DGRAM, s);
	UT_EQ(send(s[0], "", 0, 0), 0);
	UT_EQ(send(s[0], "xyz", 3, 0), 3);
	UT_EQ(recv(s[1], buf, 8, 0), 0);
	UT_EQ(recv(s[1], buf, 1, MSG_TRUNC | MSG_PEEK), 3);
	UT_EQ(recv(s[1], buf, 8, 0), 3);
	close(s[1]);
	UT_ERRNO(send(s[0], "x", 1, 0), ECONNREFUSED);
}

UTEST(socket_datagrams, "6.0", 0, "sendto names the receiver, recvfrom the sender; connect chooses both")
{
	int a = bound(SOCK_DGRAM, "@trellis-da"), b = bound(SOCK_DGRAM, "@trellis-db"), c;
	struct sockaddr_un from;
	socklen_t len = sizeof(from);
	char buf[8];

	UT_EQ(sendto(b, "hi", 2, 0, (void *)&name, set_name("@trellis-da")), 2);
	UT_EQ(recvfrom(a, buf, 8, 0, (void *)&from, &len), 2);
	UT_EQ(sendto(a, "ho", 2, 0, (void *)&from, len), 2);
	UT_EQ(recv(b, buf, 8, 0), 2);
	UT_EQ(connect(b, (void *)&name, set_name("@trellis-da")), 0);
	UT_EQ(send(b, "x", 1, 0), 1);
	c = UT_OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	/* b listens to a only */
	UT_ERRNO(sendto(c, "y", 1, 0, (void *)&name, set_name("@trellis-db")), EPERM);
	UT_ERRNO(sendto(c, "y", 1, 0, (void *)&name, set_name("@none")), ECONNREFUSED);
	UT_ERRNO(send(c, "y", 1, 0), ENOTCONN);
	UT_EQ(sendto(c, "y", 1, 0, (void *)&name, set_name("@trellis-da")), 1);
	UT_EQ(recv(a, buf, 8, 0), 1);
	len = sizeof(from);
	UT_EQ(recvfrom(a, buf, 8, 0, (void *)&from, &len), 1);
	UT_EQ(len, 0);				/* c has no name */
	memset(&from, 0, sizeof(from));
	from.sun_family = AF_UNSPEC;
	UT_EQ(connect(b, (void *)&from, sizeof(from)), 0);	/* alone again */
	UT_ERRNO(send(b, "x", 1, 0), ENOTCONN);
}

UTEST(socket_many, "6.0", 0, "sendmmsg and recvmmsg move several messages, and stop at the first that fails")
{
	char in[3][4] = { "one", "two", "six" }, out[4][8];
	struct mmsghdr m[4];
	struct iovec v[4];
	struct timespec ts = { 0, 20000000 };
	int s[2];

	pair(SOCK_DGRAM, s);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 3; i++) {
		v[i] = (struct iovec){ in[i], 3 };
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	UT_EQ(sendmmsg(s[0], m, 3, 0), 3);
	UT_EQ(m[2].msg_len, 3);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 4; i++) {
		v[i] = (struct iovec){ out[i], 8 };
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	UT_EQ(recvmmsg(s[1], m, 2, 0, NULL), 2);
	UT_EQ(memcmp(out[1], "two", 3), 0);
	UT_EQ(recvmmsg(s[1], m, 4, MSG_WAITFORONE, NULL), 1);
	UT_ERRNO(recvmmsg(s[1], m, 4, MSG_DONTWAIT, &ts), EAGAIN);
	ts.tv_nsec = -1;
	UT_ERRNO(recvmmsg(s[1], m, 4, 0, &ts), EINVAL);
	m[1].msg_hdr.msg_iov = (void *)8;
	UT_EQ(sendmmsg(s[0], m, 3, 0), 1);
	UT_EQ(sendmmsg(s[0], m, 0, 0), 0);
}

/* Send descriptors and what they are sent with; flags of recvmsg; the number that came. */
static int pass(int s[2], const int *fds, int n, int flags, int *got, int room, int *msg_flags)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(8 * sizeof(int))];
	} c;
	char byte = 'x';
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = CMSG_SPACE((size_t)n * sizeof(int)) };

	c.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN((size_t)n * sizeof(int)),
				     .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&c.header), fds, (size_t)n * sizeof(int));
	UT_EQ(sendmsg(s[0], &m, 0), 1);
	m.msg_controllen = room ? CMSG_SPACE((size_t)room * sizeof(int)) : 0;
	UT_EQ(recvmsg(s[1], &m, flags), 1);
	*msg_flags = m.msg_flags;
	if (!m.msg_controllen)
		return 0;
	n = (int)((c.header.cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(got, CMSG_DATA(&c.header), (size_t)n * sizeof(int));
	return n;
}

UTEST(socket_rights, "6.0", 0, "descriptors travel: several, cut with MSG_CTRUNC, close-on-exec, and through a queue")
{
	int s[2], p[2], fds[4], got[8], flags, before;
	char buf[4];

	pair(SOCK_STREAM, s);
	UT_EQ(pipe(p), 0);
	fds[0] = p[0], fds[1] = p[1], fds[2] = s[0];
	UT_EQ(pass(s, fds, 3, MSG_CMSG_CLOEXEC, got, 3, &flags), 3);
	UT_EQ(fcntl(got[1], F_GETFD), FD_CLOEXEC);
	UT_EQ(write(got[1], "hey", 3), 3);
	UT_EQ(read(p[0], buf, 4), 3);
	for (int i = 0; i < 3; i++)
		close(got[i]);
	before = dup(0);
	close(before);
	UT_EQ(pass(s, fds, 3, 0, got, 1, &flags), 2);	/* room for two, as it is rounded up */
	UT_EQ(flags & MSG_CTRUNC, MSG_CTRUNC);
	close(got[0]);
	close(got[1]);
	UT_EQ(pass(s, fds, 2, 0, got, 0, &flags), 0);
	UT_EQ(flags & MSG_CTRUNC, MSG_CTRUNC);
	UT_EQ(dup(0), before);				/* nothing was left open */
	fds[0] = 999;
	errno = 0;
	{
		union {
			struct cmsghdr header;
			char space[CMSG_SPACE(sizeof(int))];
		} c = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
		struct iovec v = { buf, 1 };
		struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c,
				    .msg_controllen = sizeof(c) };

		memcpy(CMSG_DATA(&c.header), fds, sizeof(int));
		UT_ERRNO(sendmsg(s[0], &m, 0), EBADF);
		c.header.cmsg_len = 3;
		UT_ERRNO(sendmsg(s[0], &m, 0), EINVAL);
	}
}

UTEST(socket_rights_order, "6.0", 0, "bytes sent without descriptors are not read together with those that have some")
{
	int s[2], fds[1], got[8], flags;
	char buf[16];

	pair(SOCK_STREAM, s);
	fds[0] = s[0];
	UT_EQ(send(s[0], "abc", 3, 0), 3);
	UT_EQ(pass(s, fds, 1, 0, got, 2, &flags), 0);	/* reads the 'a' */
	UT_EQ(recv(s[1], buf, 16, 0), 3);		/* "bcx": joining is allowed, losing is not */
	UT_EQ(memcmp(buf, "bcx", 3), 0);
}

UTEST(socket_credentials, "6.0", 0, "SO_PASSCRED and SO_PEERCRED tell who sends, and nobody can claim another process")
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} c;
	char byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int s[2], one = 1;

	pair(SOCK_DGRAM, s);
	UT_EQ(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)), 0);
	UT_EQ(send(s[0], "x", 1, 0), 1);
	UT_EQ(recvmsg(s[1], &m, 0), 1);
	UT_EQ(c.header.cmsg_type, SCM_CREDENTIALS);
	memcpy(&cred, CMSG_DATA(&c.header), sizeof(cred));
	UT_EQ(cred.pid, getpid());
	UT_EQ(cred.uid, getuid());
	UT_EQ(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cred, &len), 0);
	UT_EQ(cred.pid, getpid());
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return;
	c.header = (struct cmsghdr){ CMSG_LEN(sizeof(cred)), SOL_SOCKET, SCM_CREDENTIALS };
	cred = (struct ucred){ getpid(), 0, 65534 };
	memcpy(CMSG_DATA(&c.header), &cred, sizeof(cred));
	m.msg_controllen = CMSG_SPACE(sizeof(cred));
	UT_ERRNO(sendmsg(s[0], &m, 0), EPERM);
}

UTEST(socket_options, "6.0", 0, "buffer sizes, time limits and errors are options; unknown ones are refused")
{
	struct timeval tv = { 0, 30000 };
	int s[2], value = 0;
	socklen_t len = sizeof(value);
	long start;
	char buf[4];

	pair(SOCK_STREAM, s);
	UT_EQ(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, &len), 0);
	UT_ASSERT(value >= 4096);
	value = 20000;
	UT_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, sizeof(value)), 0);
	UT_EQ(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &value, &len), 0);
	UT_EQ(value, 40000);
	UT_EQ(getsockopt(s[0], SOL_SOCKET, SO_ERROR, &value, &len), 0);
	UT_EQ(value, 0);
	UT_EQ(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	start = now_ms();
	UT_ERRNO(recv(s[0], buf, 1, 0), EAGAIN);
	UT_ASSERT(now_ms() - start >= 25);
	tv.tv_usec = 1000000;
	UT_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), EDOM);
	UT_ERRNO(setsockopt(s[0], SOL_SOCKET, 9999, &value, sizeof(value)), ENOPROTOOPT);
	UT_ERRNO(getsockopt(s[0], SOL_SOCKET, 9999, &value, &len), ENOPROTOOPT);
	UT_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &value, 1), EINVAL);
	UT_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, (void *)8, sizeof(value)), EFAULT);
	len = 1;
	value = -1;
	UT_EQ(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &value, &len), 0);	/* cut */
	UT_EQ(len, 1);
	UT_EQ(value, -256 + SOCK_STREAM);
	UT_ERRNO(getsockopt(0, SOL_SOCKET, SO_TYPE, &value, &len), ENOTSOCK);
}

UTEST(socket_waits, "6.0", 0, "poll tells data, room, an end, a hang-up and a waiting client")
{
	struct pollfd f;
	int s[2], l = listener(SOCK_STREAM, "@trellis-w", 3), c;

	f = (struct pollfd){ .fd = l, .events = POLLIN };
	UT_EQ(poll(&f, 1, 0), 0);
	c = connected(SOCK_STREAM, "@trellis-w");
	UT_EQ(poll(&f, 1, 1000), 1);
	f = (struct pollfd){ .fd = c, .events = POLLIN | POLLOUT };
	UT_EQ(poll(&f, 1, 0), 1);
	UT_EQ(f.revents, POLLOUT);
	f = (struct pollfd){ .fd = UT_OK(socket(AF_UNIX, SOCK_STREAM, 0)), .events = POLLIN | POLLOUT };
	UT_EQ(poll(&f, 1, 0), 1);
	UT_EQ(f.revents, POLLOUT | POLLHUP);
	pair(SOCK_STREAM, s);
	UT_EQ(shutdown(s[0], SHUT_WR), 0);
	f = (struct pollfd){ .fd = s[1], .events = POLLIN | POLLRDHUP };
	UT_EQ(poll(&f, 1, 0), 1);
	UT_EQ(f.revents, POLLIN | POLLRDHUP);
	close(s[0]);
	UT_EQ(poll(&f, 1, 0), 1);
	UT_EQ(f.revents, POLLIN | POLLRDHUP | POLLHUP);
}

UTEST_MAIN(socket_make, socket_names, socket_bind_errors, socket_listen, socket_stream, socket_packets,
	   socket_datagrams, socket_many, socket_rights, socket_rights_order, socket_credentials,
	   socket_options, socket_waits)
