/*
 * System calls about sockets, but for those that transfer data (message.c): socket(2),
 * socketpair(2), bind(2), connect(2), listen(2), accept(2), getsockname(2), getpeername(2),
 * shutdown(2), getsockopt(2), setsockopt(2).
 *
 * Each finds the socket behind the descriptor, brings the arguments into the kernel, asks the
 * family's operation and takes the results out. So a family never sees user memory, but in the data
 * that it transfers; and errors come in the same order for all: EBADF, ENOTSOCK, EFAULT or EINVAL
 * for the arguments, EOPNOTSUPP for what the family cannot do, and then what it says itself.
 */
#include "common/string.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/syscall.h"
#include "06-posix/net/address.h"
#include "06-posix/net/socket.h"

/* What lies behind len is zero: a family may look at any field of a short address. */
int address_get(struct sockaddr_storage *addr, const void __user *user, int len)
{
	if (len < 0 || len > (int)sizeof(*addr))
		return -EINVAL;
	memset(addr, 0, sizeof(*addr));
	return copy_from_user(addr, user, len) ? -EFAULT : 0;
}

int address_put(const struct sockaddr_storage *addr, int len, void __user *user, int __user *ulen)
{
	int room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_to_user(user, addr, MIN(room, len)))
		return -EFAULT;
	return put_user(len, ulen);
}

/* socket(2): SOCK_CLOEXEC and SOCK_NONBLOCK stand in the type. Check them, and take them out. */
static int split_type(int *type, unsigned *flags)
{
	*flags = *type & ~SOCK_TYPE_MASK;
	*type &= SOCK_TYPE_MASK;
	return *flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK) ? -EINVAL : 0;
}

/* The protocol is the family's affair; 0 is its usual one. */
SYSCALL3(41, socket, int, family, int, type, int, protocol)
{
	struct socket *s;
	struct file *f;
	unsigned flags;

	if (split_type(&type, &flags))
		return -EINVAL;
	s = socket_create(family, type, protocol);
	if (IS_ERR(s))
		return PTR_ERR(s);
	f = socket_file(s, flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open(f, flags & SOCK_CLOEXEC);
}

/* Two connected sockets as files. socket_file() takes its socket over, also when it fails. */
static int make_pair(int family, int type, int protocol, unsigned flags, struct file *files[2])
{
	struct socket *s[2];
	int error;

	s[0] = socket_create(family, type, protocol);
	if (IS_ERR(s[0]))
		return PTR_ERR(s[0]);
	s[1] = socket_create(family, type, protocol);
	if (IS_ERR(s[1])) {
		socket_free(s[0]);
		return PTR_ERR(s[1]);
	}
	error = s[0]->ops->pair ? s[0]->ops->pair(s[0], s[1]) : -EOPNOTSUPP;
	if (error) {
		socket_free(s[0]);
		socket_free(s[1]);
		return error;
	}
	files[0] = socket_file(s[0], flags);
	if (IS_ERR(files[0])) {
		socket_free(s[1]);
		return PTR_ERR(files[0]);
	}
	files[1] = socket_file(s[1], flags);
	if (!IS_ERR(files[1]))
		return 0;
	file_put(files[0]);
	return PTR_ERR(files[1]);
}

/*
 * The numbers are stored in the program's array before the files are installed: once a descriptor
 * is there another thread can use it, and an EFAULT could not be taken back.
 */
SYSCALL4(53, socketpair, int, family, int, type, int, protocol, int __user *, ufds)
{
	struct file *files[2] = { NULL, NULL };
	int fds[2], error;
	unsigned flags;

	if (split_type(&type, &flags))
		return -EINVAL;
	error = make_pair(family, type, protocol, flags, files);
	if (error)
		return error;
	fds[0] = fd_reserve(0, flags & SOCK_CLOEXEC);
	fds[1] = fds[0] < 0 ? fds[0] : fd_reserve(0, flags & SOCK_CLOEXEC);
	error = fds[1] < 0 ? fds[1] : copy_to_user(ufds, fds, sizeof(fds)) ? -EFAULT : 0;
	if (!error) {
		fd_install(fds[0], files[0]);
		fd_install(fds[1], files[1]);
		return 0;
	}
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			fd_release(fds[i]);
		file_put(files[i]);
	}
	return error;
}

/* A family checks the address's own family itself: connect(2) with AF_UNSPEC is no mistake. */
SYSCALL3(49, bind, int, fd, const void __user *, uaddr, int, len)
{
	struct sockaddr_storage addr;
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	int error;

	if (IS_ERR(s))
		return PTR_ERR(s);
	error = address_get(&addr, uaddr, len);
	if (!error)
		error = s->ops->bind ? s->ops->bind(s, &addr, len) : -EOPNOTSUPP;
	file_put(f);
	return error;
}

SYSCALL3(42, connect, int, fd, const void __user *, uaddr, int, len)
{
	struct sockaddr_storage addr;
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	int error;

	if (IS_ERR(s))
		return PTR_ERR(s);
	error = address_get(&addr, uaddr, len);
	if (!error)
		error = s->ops->connect ? s->ops->connect(s, &addr, len, f->flags & O_NONBLOCK)
					: -EOPNOTSUPP;
	file_put(f);
	return error;
}

/* As unsigned, so that a negative backlog is the largest one (listen(2); net.core.somaxconn). */
SYSCALL2(50, listen, int, fd, int, backlog)
{
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	int error;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if ((unsigned)backlog > SOMAXCONN)
		backlog = SOMAXCONN;
	error = s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
	file_put(f);
	return error;
}

/*
 * Take a connection from s, with the peer's address if the program asks for it: a file, or ERR_PTR.
 * If the address cannot be stored the connection is lost, as on Linux.
 */
static struct file *accept_on(struct socket *s, bool nonblock, void __user *uaddr,
			      int __user *ulen, unsigned flags)
{
	struct sockaddr_storage addr = { 0 };
	struct socket *new;
	struct file *f;
	int error, len;

	if (!s->ops->accept)
		return ERR_PTR(-EOPNOTSUPP);
	new = socket_create(s->family, s->type, s->protocol);
	if (IS_ERR(new))
		return ERR_PTR(PTR_ERR(new));
	f = socket_file(new, flags);
	if (IS_ERR(f))
		return f;
	error = s->ops->accept(s, new, nonblock);
	if (!error && uaddr) {
		len = new->ops->name(new, &addr, true);
		error = len < 0 ? -ECONNABORTED : address_put(&addr, len, uaddr, ulen);
	}
	if (!error)
		return f;
	file_put(f);
	return ERR_PTR(error);
}

/*
 * The descriptor is reserved and the file made before a connection is taken from the queue: a
 * program at its limit of open files gets EMFILE and can accept later, and its client notices
 * nothing.
 */
static long do_accept(int fd, void __user *uaddr, int __user *ulen, unsigned flags)
{
	struct file *f, *new;
	struct socket *s;
	int result;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	s = socket_get(fd, &f);
	if (IS_ERR(s))
		return PTR_ERR(s);
	result = fd_reserve(0, flags & SOCK_CLOEXEC);
	if (result >= 0) {
		new = accept_on(s, f->flags & O_NONBLOCK, uaddr, ulen, flags);
		if (IS_ERR(new)) {
			fd_release(result);
			result = PTR_ERR(new);
		} else {
			fd_install(result, new);
		}
	}
	file_put(f);
	return result;
}

/* As on Linux, and unlike BSD, O_NONBLOCK is not inherited from the listener (accept(2)). */
SYSCALL3(43, accept, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return do_accept(fd, uaddr, ulen, 0);
}

SYSCALL4(288, accept4, int, fd, void __user *, uaddr, int __user *, ulen, int, flags)
{
	return do_accept(fd, uaddr, ulen, flags);
}

/* As address_put() does: what does not fit is cut, and the program learns the whole length. */
static long get_name(int fd, void __user *uaddr, int __user *ulen, bool peer)
{
	struct sockaddr_storage addr = { 0 };
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	int len;

	if (IS_ERR(s))
		return PTR_ERR(s);
	len = s->ops->name ? s->ops->name(s, &addr, peer) : -EOPNOTSUPP;
	file_put(f);
	return len < 0 ? len : address_put(&addr, len, uaddr, ulen);
}

SYSCALL3(51, getsockname, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return get_name(fd, uaddr, ulen, false);
}

SYSCALL3(52, getpeername, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return get_name(fd, uaddr, ulen, true);
}

SYSCALL2(48, shutdown, int, fd, int, how)
{
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	int error;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (how < SHUT_RD || how > SHUT_RDWR)
		error = -EINVAL;
	else
		error = s->ops->shutdown ? s->ops->shutdown(s, how) : -EOPNOTSUPP;
	file_put(f);
	return error;
}

/* The longest option known is far shorter than the buffer; more bytes than that are EINVAL. */
SYSCALL5(54, setsockopt, int, fd, int, level, int, name, const void __user *, uvalue, int, len)
{
	u8 value[SOCKET_OPTION_MAX] __aligned(8);
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	int error;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (len < 0 || len > (int)sizeof(value))
		error = -EINVAL;
	else if (copy_from_user(value, uvalue, len))
		error = -EFAULT;
	else
		error = socket_set_option(s, level, name, value, len);
	file_put(f);
	return error;
}

/*
 * The family fills the buffer as if there were room for all; the program gets as much as it has
 * room for, and learns how much it got (getsockopt(2)).
 */
SYSCALL5(55, getsockopt, int, fd, int, level, int, name, void __user *, uvalue, int __user *, ulen)
{
	u8 value[SOCKET_OPTION_MAX] __aligned(8) = { 0 };
	unsigned len = sizeof(value);
	int room, error;
	struct file *f;
	struct socket *s = socket_get(fd, &f);

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (get_user(room, ulen))
		error = -EFAULT;
	else if (room < 0)
		error = -EINVAL;
	else
		error = socket_get_option(s, level, name, value, &len);
	file_put(f);
	if (error)
		return error;
	len = MIN(len, (unsigned)room);
	if (copy_to_user(uvalue, value, len))
		return -EFAULT;
	return put_user((int)len, ulen);
}
