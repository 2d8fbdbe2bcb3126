/*
 * Sockets as files, and their options (socket(7)).
 *
 * read(2) and write(2) are recv and send without flags, address or control messages. A socket has
 * no position, so there is no lseek and no lock of the file: two threads may send and receive at
 * once.
 *
 * Options are numbers that a program sets and the kernel looks at when it matters. They are written
 * without a lock: each is one word (but linger), and two threads that set one option at the same
 * moment get one of the two values. Some are only kept, to be told again, as no family here has a
 * use for them (SO_KEEPALIVE, SO_BROADCAST, SO_REUSEADDR, SO_LINGER): programs set them without
 * asking what kind of socket they have, and would fail over an error.
 */
#include "06-posix/net/socket.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/timer.h"
#include "03-syscalls/cred.h"
#include "05-vfs/inode.h"
#include "06-posix/poll/poll.h"

#define SEND_BUFFER_MIN	4608u	/* bytes: what Linux has, two of its smallest packets; and one */
#define RECV_BUFFER_MIN	2304u

struct socket *socket_create(int family, int type, int protocol)
{
	const struct socket_family *f;
	struct socket *s;
	int error = -EAFNOSUPPORT;

	if (family < 0 || family >= AF_MAX)
		return ERR_PTR(-EAFNOSUPPORT);
	if (type < 0 || type > SOCK_TYPE_MASK)
		return ERR_PTR(-EINVAL);
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	s->family = family;
	s->type = type;
	s->protocol = protocol;
	s->send_buffer = s->recv_buffer = SOCKET_BUFFER;
	s->ino = inode_next_number();
	s->uid = current_cred()->fsuid;
	s->gid = current_cred()->fsgid;
	linkset_for_each(socket_families, const struct socket_family, f)
		if (f->family == family)
			error = f->create(s);
	if (!error)
		return s;
	kfree(s);
	return ERR_PTR(error);
}

void socket_free(struct socket *s)
{
	s->ops->release(s);
	kfree(s);
}

u64 socket_deadline(u64 timeout)
{
	return timeout ? clock_monotonic() + timeout : WAIT_FOREVER;
}

int socket_wait_error(int error, u64 timeout)
{
	if (error == -ETIMEDOUT)
		return -EAGAIN;
	return error == -ERESTARTSYS && timeout ? -EINTR : error;
}

/*
 * io_flags() has what the file says and what this one call does (splice with SPLICE_F_NONBLOCK), so
 * that a family looks at MSG_DONTWAIT alone. A message that brings descriptors can be read without
 * them: they are closed.
 */
static ssize_t socket_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct socket *s = f->private;
	struct message m = { .it = it, .flags = io_flags(f, it) & O_NONBLOCK ? MSG_DONTWAIT : 0 };
	ssize_t n;

	if (!s->ops->recv)
		return -EOPNOTSUPP;
	n = s->ops->recv(s, &m);
	if (m.scm)		/* read(2) cannot hand descriptors out */
		scm_free(m.scm);
	return n;
}

static ssize_t socket_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct socket *s = f->private;
	struct message m = { .it = it, .flags = io_flags(f, it) & O_NONBLOCK ? MSG_DONTWAIT : 0 };

	return s->ops->send ? s->ops->send(s, &m) : -EOPNOTSUPP;
}

static unsigned socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->private;

	return s->ops->poll(s, pt);
}

static long socket_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	struct socket *s = f->private;

	return s->ops->ioctl ? s->ops->ioctl(s, cmd, arg) : -ENOTTY;
}

/*
 * A socket has an inode number, as programs compare those of two descriptors, and find them in
 * /proc/PID/fd and /proc/net. It has nothing to do with the inode that bind(2) makes for a path.
 */
static int socket_stat(struct file *f, struct stat *st)
{
	st->st_mode = S_IFSOCK | S_IRWXUGO;
	st->st_nlink = 1;
	st->st_ino = ((struct socket *)f->private)->ino;
	st->st_uid = ((struct socket *)f->private)->uid;
	st->st_gid = ((struct socket *)f->private)->gid;
	st->st_blksize = PAGE_SIZE;
	return 0;
}

static void socket_name(struct file *f, char *buf, size_t size)
{
	snprintf(buf, size, "socket:[%lu]", ((struct socket *)f->private)->ino);
}

static void socket_release(struct file *f)
{
	socket_free(f->private);
}

const struct file_ops socket_file_ops = {
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.stat = socket_stat,
	.name = socket_name,
	.release = socket_release,
};

/* SOCK_NONBLOCK is O_NONBLOCK by value, so the flags of socket(2) and accept4(2) can be used. */
struct file *socket_file(struct socket *s, unsigned flags)
{
	struct file *f = file_alloc(&socket_file_ops, O_RDWR | (flags & O_NONBLOCK), s);

	if (f && !IS_ERR(f))
		return f;
	socket_free(s);
	return f ? f : ERR_PTR(-ENOMEM);
}

struct socket *file_socket(struct file *f)
{
	return f->ops == &socket_file_ops ? f->private : NULL;
}

/* The file is held until the call ends, and the socket by it: a close meanwhile does no harm. */
struct socket *socket_get(int fd, struct file **f)
{
	struct socket *s;

	*f = fd_get(fd);
	if (!*f)
		return ERR_PTR(-EBADF);
	s = file_socket(*f);
	if (s)
		return s;
	file_put(*f);
	return ERR_PTR(-ENOTSOCK);
}

/* ---- options ---- */

/*
 * SO_RCVTIMEO and SO_SNDTIMEO. A time of 0 is for ever (socket(7)), so a negative one, which means
 * not to wait, is kept as 1 ns.
 */
static int timeout_from(const void *value, unsigned len, u64 *timeout)
{
	const struct timeval *tv = value;

	if (len < sizeof(*tv))
		return -EINVAL;
	if (tv->tv_usec < 0 || tv->tv_usec >= 1000000)
		return -EDOM;
	*timeout = tv->tv_sec < 0 ? 1 : (u64)tv->tv_sec > WAIT_FOREVER / NSEC_PER_SEC / 4 ? 0 :
		   tv->tv_sec * NSEC_PER_SEC + tv->tv_usec * NSEC_PER_USEC;
	return 0;
}

static void timeout_to(void *value, unsigned *len, u64 timeout)
{
	*(struct timeval *)value = (struct timeval){
		timeout / NSEC_PER_SEC, timeout % NSEC_PER_SEC / NSEC_PER_USEC
	};
	*len = sizeof(struct timeval);
}

/* The kernel doubles what is asked for, to have room for its own overhead (socket(7)). */
static int set_buffer(unsigned *size, int value, bool force, unsigned least)
{
	if (force && !capable(CAP_NET_ADMIN))
		return -EPERM;
	/* Without force a negative value is a very large one, as on Linux. */
	value = force ? MAX(value, 0) : (int)MIN((unsigned)value, (unsigned)SOCKET_BUFFER);
	*size = MAX((unsigned)MIN(value, 0x7fffffff / 2) * 2, least);
	return 0;
}

static int set_linger(struct socket *s, const void *value, unsigned len)
{
	if (len < sizeof(struct linger))
		return -EINVAL;
	s->linger = *(const struct linger *)value;
	return 0;
}

/*
 * Times and SO_LINGER have structures of their own, all other options are an int. What can only be
 * asked (SO_TYPE, SO_ERROR ...) is ENOPROTOOPT here, and not left to the family.
 */
int socket_set_option(struct socket *s, int level, int name, const void *value, unsigned len)
{
	int on;

	if (level != SOL_SOCKET)
		return s->ops->set_option ? s->ops->set_option(s, level, name, value, len) :
					    -EOPNOTSUPP;
	if (name == SO_RCVTIMEO)
		return timeout_from(value, len, &s->recv_timeout);
	if (name == SO_SNDTIMEO)
		return timeout_from(value, len, &s->send_timeout);
	if (len < sizeof(int))
		return -EINVAL;
	on = *(const int *)value;
	switch (name) {
	case SO_PASSCRED:
		s->pass_cred = on;
		return 0;
	case SO_REUSEADDR:
		s->reuse_addr = on;
		return 0;
	case SO_KEEPALIVE:
		s->keep_alive = on;
		return 0;
	case SO_BROADCAST:
		s->broadcast = on;
		return 0;
	case SO_LINGER:
		return set_linger(s, value, len);
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		return set_buffer(&s->send_buffer, on, name == SO_SNDBUFFORCE, SEND_BUFFER_MIN);
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		return set_buffer(&s->recv_buffer, on, name == SO_RCVBUFFORCE, RECV_BUFFER_MIN);
	case SO_TYPE:
	case SO_DOMAIN:
	case SO_PROTOCOL:
	case SO_ERROR:
	case SO_ACCEPTCONN:
		return -ENOPROTOOPT;
	default:
		return s->ops->set_option ? s->ops->set_option(s, level, name, value, len) :
					    -ENOPROTOOPT;
	}
}

/* Options whose value is an int; false: it is none of these. */
/*
 * Buffer sizes are told as they are kept, which is twice what was asked for. The low-water marks
 * are 1 and stay so here: any byte makes a socket readable.
 */
static bool get_int(struct socket *s, int name, int *value)
{
	switch (name) {
	case SO_TYPE:
		*value = s->type;
		return true;
	case SO_DOMAIN:
		*value = s->family;
		return true;
	case SO_PROTOCOL:
		*value = s->protocol;
		return true;
	case SO_SNDBUF:
		*value = s->send_buffer;
		return true;
	case SO_RCVBUF:
		*value = s->recv_buffer;
		return true;
	case SO_PASSCRED:
		*value = s->pass_cred;
		return true;
	case SO_REUSEADDR:
		*value = s->reuse_addr;
		return true;
	case SO_KEEPALIVE:
		*value = s->keep_alive;
		return true;
	case SO_BROADCAST:
		*value = s->broadcast;
		return true;
	case SO_RCVLOWAT:
	case SO_SNDLOWAT:
		*value = 1;
		return true;
	default:
		return false;
	}
}

int socket_get_option(struct socket *s, int level, int name, void *value, unsigned *len)
{
	if (level == SOL_SOCKET) {
		if (get_int(s, name, value)) {
			*len = sizeof(int);
			return 0;
		}
		if (name == SO_RCVTIMEO || name == SO_SNDTIMEO) {
			timeout_to(value, len,
				   name == SO_RCVTIMEO ? s->recv_timeout : s->send_timeout);
			return 0;
		}
		if (name == SO_LINGER) {
			*(struct linger *)value = s->linger;
			*len = sizeof(s->linger);
			return 0;
		}
	}
	return s->ops->get_option ? s->ops->get_option(s, level, name, value, len) : -ENOPROTOOPT;
}
