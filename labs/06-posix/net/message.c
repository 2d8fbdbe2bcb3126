/*
 * Transferring data: sendto(2), recvfrom(2), sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2), and
 * the control messages that carry descriptors and credentials (cmsg(3), unix(7)).
 *
 * Control messages are a sequence of headers with data behind each, padded to 8 bytes. On the way
 * in all of them are examined before anything is sent, and descriptors become references to files
 * at once: the sender may close them as soon as the call returns. On the way out the receiver gets
 * new descriptors of its own, as with dup(2). What fits nowhere is closed, and MSG_CTRUNC says so:
 * a descriptor the program does not know of would stay open for ever.
 *
 * When something fails after the family's recv, the message has been taken all the same: the error
 * is told and the data is gone, as on Linux.
 */
#include "common/abi/resource.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "03-syscalls/process/user.h"
#include "03-syscalls/syscall.h"
#include "06-posix/net/address.h"
#include "06-posix/net/socket.h"
#include "06-posix/poll/poll.h"

void scm_free(struct scm *scm)
{
	for (int i = 0; i < scm->file_count; i++)
		file_put(scm->files[i]);
	(void)atomic_fetch_sub(&scm->user->files_in_flight, scm->file_count);
	user_put(scm->user);
	kfree(scm);
}

/*
 * For MSG_PEEK: the message keeps its descriptors, and the receiver gets the same ones. They count
 * twice for the sender's limit until the call has installed them.
 */
struct scm *scm_dup(const struct scm *scm)
{
	struct scm *copy = kmemdup(scm, sizeof(*scm), GFP_KERNEL);

	if (!copy)
		return NULL;
	for (int i = 0; i < copy->file_count; i++)
		file_get(copy->files[i]);
	ref_get(&copy->user->refs);
	(void)atomic_fetch_add(&copy->user->files_in_flight, copy->file_count);
	return copy;
}

/* Charged to who sends, whoever receives: he decides how much there is. */
static struct scm *scm_alloc(void)
{
	struct scm *scm = kzalloc(sizeof(*scm), GFP_KERNEL);

	if (scm) {
		scm->user = current_cred()->user;
		ref_get(&scm->user->refs);
	}
	return scm;
}

/*
 * A user may keep no more files open by sending them than by descriptors of one process. Else a
 * program could send a file, close it, and open the next, without end (unix(7), ETOOMANYREFS). The
 * limit is that of the process that sends, the count that of its user.
 */
static bool too_many(const struct user *u)
{
	return (u64)atomic_load(&u->files_in_flight) > rlimit(RLIMIT_NOFILE) &&
	       !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

/* ---- control messages, sending ---- */

/*
 * SCM_RIGHTS: put the files of a user's array into the message. It may come several times; all go
 * into one scm, which the caller frees if we fail half-way. O_PATH files may be sent, too.
 */
static int add_files(struct message *m, const int __user *fds, size_t bytes)
{
	size_t n = bytes / sizeof(int);
	int fd;

	if (!m->scm)
		m->scm = scm_alloc();
	if (!m->scm)
		return -ENOMEM;
	if (n && too_many(m->scm->user))
		return -ETOOMANYREFS;
	if (n > (size_t)(SCM_MAX_FD - m->scm->file_count))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		struct file *f;

		if (get_user(fd, &fds[i]))
			return -EFAULT;
		f = fd_get_path(fd);
		if (!f)
			return -EBADF;
		m->scm->files[m->scm->file_count++] = f;
		atomic_inc(&m->scm->user->files_in_flight);
	}
	return 0;
}

/*
 * SCM_CREDENTIALS: a program may say who it is, with any of its own ids. Only with the capability
 * for each of the three may it pretend to be somebody else (unix(7)).
 */
static int set_cred(struct message *m, const struct ucred __user *user)
{
	const struct cred *c = current_cred();
	struct ucred u;

	if (get_user(u, user))
		return -EFAULT;
	if ((u.pid != current_process()->id && !capable(CAP_SYS_ADMIN)) ||
	    (u.uid != c->uid && u.uid != c->euid && u.uid != c->suid && !capable(CAP_SETUID)) ||
	    (u.gid != c->gid && u.gid != c->egid && u.gid != c->sgid && !capable(CAP_SETGID)))
		return -EPERM;
	m->cred = u;
	m->has_cred = true;
	return 0;
}

/*
 * Each header is copied once, checked, and then used: the program may change its memory at any
 * moment. The last message may lack its padding, so the end is looked for before going on.
 */
static int import_control(struct message *m, const char __user *control, size_t size)
{
	while (size >= sizeof(struct cmsghdr)) {
		struct cmsghdr h;
		const char __user *data = control + sizeof(h);
		int error = -EINVAL;

		if (copy_from_user(&h, control, sizeof(h)))
			return -EFAULT;
		if (h.cmsg_len < sizeof(h) || h.cmsg_len > size)
			return -EINVAL;
		if (h.cmsg_level != SOL_SOCKET)
			error = 0;	/* another protocol's, which has no say here */
		else if (h.cmsg_type == SCM_RIGHTS)
			error = add_files(m, (const int __user *)data, h.cmsg_len - sizeof(h));
		else if (h.cmsg_type == SCM_CREDENTIALS &&
			 h.cmsg_len == sizeof(h) + sizeof(struct ucred))
			error = set_cred(m, (const struct ucred __user *)data);
		if (error)
			return error;
		if (CMSG_ALIGN(h.cmsg_len) >= size)
			break;
		control += CMSG_ALIGN(h.cmsg_len);
		size -= CMSG_ALIGN(h.cmsg_len);
	}
	return 0;
}

/* ---- control messages, receiving ---- */

/* The receiver's buffer for control messages, while it is filled. */
struct control {
	char __user *at;
	size_t room, used;	/* bytes left from `at` on; bytes filled, which msg_controllen tells */
};

/* One control message of n bytes of data; what does not fit is cut (MSG_CTRUNC). Bytes of data
 * stored, or errno. */
static ssize_t put_control(struct control *c, struct message *m, int type, const void *data,
			   size_t n)
{
	struct cmsghdr h = { sizeof(h) + n, SOL_SOCKET, type };
	size_t space;

	if (c->room < sizeof(h)) {
		m->out_flags |= MSG_CTRUNC;
		return 0;
	}
	if (h.cmsg_len > c->room) {
		m->out_flags |= MSG_CTRUNC;
		h.cmsg_len = c->room;
	}
	if (copy_to_user(c->at, &h, sizeof(h)) ||
	    copy_to_user(c->at + sizeof(h), data, h.cmsg_len - sizeof(h)))
		return -EFAULT;
	space = MIN(CMSG_ALIGN(h.cmsg_len), c->room);
	c->at += space;
	c->room -= space;
	c->used += space;
	return h.cmsg_len - sizeof(h);
}

/*
 * Install received files, as many as the program has room for, or descriptors free. The scm keeps
 * its own references, which the caller drops with it; so what was not installed is closed there.
 */
static int put_files(struct control *c, struct message *m)
{
	int room = c->room > sizeof(struct cmsghdr) ?
			   (c->room - sizeof(struct cmsghdr)) / sizeof(int) :
			   0;
	int fds[SCM_MAX_FD], n;
	ssize_t stored;

	for (n = 0; n < m->scm->file_count && n < room; n++) {
		file_get(m->scm->files[n]);
		fds[n] = fd_open(m->scm->files[n], m->flags & MSG_CMSG_CLOEXEC);
		if (fds[n] < 0)
			break;
	}
	if (n < m->scm->file_count)
		m->out_flags |= MSG_CTRUNC;
	if (!n)
		return 0;
	stored = put_control(c, m, SCM_RIGHTS, fds, n * sizeof(int));
	if (stored >= 0)
		return 0;
	while (n)
		fd_close(fds[--n]);
	return stored;
}

/* In Linux's order: credentials, which every message has, before descriptors. */
static int export_control(struct socket *s, struct message *m, struct control *c)
{
	ssize_t n = 0;

	if (m->has_cred && s->pass_cred)
		n = put_control(c, m, SCM_CREDENTIALS, &m->cred, sizeof(m->cred));
	if (n >= 0 && m->scm)
		n = put_files(c, m);
	return n < 0 ? n : 0;
}

/* ---- one message ---- */

/* Consumes m->scm: what the family has not taken over is freed. */
static ssize_t send_message(struct socket *s, struct message *m, unsigned file_flags)
{
	ssize_t n;

	if (file_flags & O_NONBLOCK)
		m->flags |= MSG_DONTWAIT;
	n = s->ops->send ? s->ops->send(s, m) : -EOPNOTSUPP;
	if (m->scm)
		scm_free(m->scm);
	return n;
}

static ssize_t do_sendmsg(struct socket *s, unsigned file_flags, const struct msghdr *h,
			  unsigned flags)
{
	struct message m = { .flags = flags };
	struct iovec *allocated = NULL;
	struct iov_iter it;
	ssize_t n;

	if (h->msg_name && h->msg_namelen) {
		n = address_get(&m.name, h->msg_name, MIN(h->msg_namelen, (int)sizeof(m.name)));
		if (n)
			return n;
		m.name_len = MIN(h->msg_namelen, (int)sizeof(m.name));
	}
	if (h->msg_iovlen > IOV_MAX)
		return -EMSGSIZE;
	/* With that, rounding a control message's length up cannot overflow. */
	if (h->msg_controllen > 0x7fffffff)
		return -ENOBUFS;
	n = iov_iter_import(&it, h->msg_iov, h->msg_iovlen, &allocated);
	if (n)
		return n;
	m.it = &it;
	if (h->msg_control && h->msg_controllen)
		n = import_control(&m, h->msg_control, h->msg_controllen);
	if (n && m.scm)
		scm_free(m.scm);
	if (!n)
		n = send_message(s, &m, file_flags);
	kfree(allocated);
	return n;
}

/* What recvmsg gives back besides data. */
static int export_result(struct socket *s, struct message *m, struct msghdr __user *user,
			 const struct msghdr *h)
{
	struct control c = { h->msg_control, h->msg_control ? h->msg_controllen : 0, 0 };
	int error = export_control(s, m, &c);

	if (error)
		return error;
	if (h->msg_name) {
		error = address_put(&m->name, m->name_len, h->msg_name, &user->msg_namelen);
		if (error)
			return error;
	}
	return put_user(c.used, &user->msg_controllen) ||
			       put_user(m->out_flags | (m->flags & MSG_CMSG_CLOEXEC),
					&user->msg_flags) ?
		       -EFAULT :
		       0;
}

/*
 * The header is copied once and used from the copy; only its fields for results are written back,
 * as the manual page says (recvmsg(2)): the length of the name, of the control messages, the flags.
 */
static ssize_t do_recvmsg(struct socket *s, unsigned file_flags, struct msghdr __user *user,
			  unsigned flags)
{
	struct message m = { .flags = flags | (file_flags & O_NONBLOCK ? MSG_DONTWAIT : 0) };
	struct iovec *allocated = NULL;
	struct iov_iter it;
	struct msghdr h;
	ssize_t n;
	int error;

	if (get_user(h, user))
		return -EFAULT;
	if (h.msg_namelen < 0)
		return -EINVAL;
	if (h.msg_iovlen > IOV_MAX)
		return -EMSGSIZE;
	error = iov_iter_import(&it, h.msg_iov, h.msg_iovlen, &allocated);
	if (error)
		return error;
	m.it = &it;
	n = s->ops->recv ? s->ops->recv(s, &m) : -EOPNOTSUPP;
	kfree(allocated);
	if (n >= 0) {
		error = export_result(s, &m, user, &h);
		if (error)
			n = error;
	}
	if (m.scm)
		scm_free(m.scm);
	return n;
}

SYSCALL3(46, sendmsg, int, fd, const struct msghdr __user *, user, unsigned, flags)
{
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	struct msghdr h;
	ssize_t n;

	if (IS_ERR(s))
		return PTR_ERR(s);
	n = get_user(h, user) ? -EFAULT : do_sendmsg(s, f->flags, &h, flags);
	file_put(f);
	return n;
}

SYSCALL3(47, recvmsg, int, fd, struct msghdr __user *, user, unsigned, flags)
{
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	ssize_t n;

	if (IS_ERR(s))
		return PTR_ERR(s);
	n = do_recvmsg(s, f->flags, user, flags);
	file_put(f);
	return n;
}

/* One segment, no control messages: send(2) is this with no address. */
SYSCALL6(44, sendto, int, fd, const void __user *, buf, size_t, len, unsigned, flags,
	 const void __user *, uaddr, int, addr_len)
{
	struct message m = { .flags = flags };
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	struct iov_iter it;
	ssize_t n = 0;

	if (IS_ERR(s))
		return PTR_ERR(s);
	iov_iter_user(&it, (void __user *)buf, MIN(len, IO_MAX));
	m.it = &it;
	if (uaddr) {
		n = address_get(&m.name, uaddr, addr_len);
		m.name_len = addr_len;
	}
	if (!n)
		n = send_message(s, &m, f->flags);
	file_put(f);
	return n;
}

/* Descriptors that come with the message are closed, as nothing here can take them. */
SYSCALL6(45, recvfrom, int, fd, void __user *, buf, size_t, len, unsigned, flags,
	 void __user *, uaddr, int __user *, addr_len)
{
	struct message m = { .flags = flags };
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	struct iov_iter it;
	ssize_t n;
	int error = 0;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (f->flags & O_NONBLOCK)
		m.flags |= MSG_DONTWAIT;
	iov_iter_user(&it, buf, MIN(len, IO_MAX));
	m.it = &it;
	n = s->ops->recv ? s->ops->recv(s, &m) : -EOPNOTSUPP;
	if (n >= 0 && uaddr)
		error = address_put(&m.name, m.name_len, uaddr, addr_len);
	if (m.scm)
		scm_free(m.scm);
	file_put(f);
	return error ? error : n;
}

/*
 * ---- several messages ----
 *
 * One call for many saves the way into the kernel. Once a message was transferred an error of the
 * next is not told, but the number of those that were; the error shows when the program goes on.
 */

SYSCALL4(307, sendmmsg, int, fd, struct mmsghdr __user *, vec, unsigned, n, unsigned, flags)
{
	struct file *f;
	struct socket *s = socket_get(fd, &f);
	ssize_t result = 0;
	unsigned done = 0;

	if (IS_ERR(s))
		return PTR_ERR(s);
	for (n = MIN(n, (unsigned)IOV_MAX); done < n; done++) {
		struct msghdr h;

		result = get_user(h, &vec[done].msg_hdr) ? -EFAULT :
							   do_sendmsg(s, f->flags, &h, flags);
		if (result < 0 || put_user((unsigned)result, &vec[done].msg_len))
			break;
	}
	file_put(f);
	return done ? (long)done : result < 0 ? result : n ? -EFAULT : 0;
}

/*
 * MSG_WAITFORONE: wait for the first only. The timeout is looked at after each message and nowhere
 * else, so a call can last longer if the next one does not come: so it is on Linux (recvmmsg(2),
 * BUGS).
 */
SYSCALL5(299, recvmmsg, int, fd, struct mmsghdr __user *, vec, unsigned, n, unsigned, flags,
	 struct timespec __user *, uts)
{
	u64 deadline = WAIT_FOREVER;
	struct timespec ts;
	struct file *f;
	struct socket *s;
	ssize_t result = 0;
	unsigned done = 0;

	if (uts && get_user(ts, uts))
		return -EFAULT;
	result = poll_deadline(uts ? &ts : NULL, &deadline);
	if (result)
		return result;
	s = socket_get(fd, &f);
	if (IS_ERR(s))
		return PTR_ERR(s);
	for (n = MIN(n, (unsigned)IOV_MAX); done < n; done++) {
		unsigned now = flags & ~MSG_WAITFORONE;

		if (done && flags & MSG_WAITFORONE)
			now |= MSG_DONTWAIT;
		result = do_recvmsg(s, f->flags, &vec[done].msg_hdr, now);
		if (result < 0 || put_user((unsigned)result, &vec[done].msg_len))
			break;
		if (clock_monotonic() >= deadline) {
			done++;
			break;
		}
	}
	file_put(f);
	return done ? (long)done : result < 0 ? result : n ? -EFAULT : 0;
}
