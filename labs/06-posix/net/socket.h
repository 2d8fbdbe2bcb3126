/*
 * Sockets: the part that all families share. A family registers itself and gives each socket its
 * operations; the system calls (calls.c, message.c) know nothing but this.
 *
 * A socket is a file (socket_file_ops), whose `private` is the struct socket, whose `private` is
 * the family's own state. The second lives as long as the file; the third often longer, as peers
 * refer to it. AF_UNIX is the only family so far.
 */
#pragma once

#include "common/abi/socket.h"
#include "common/linkset.h"
#include "03-syscalls/file.h"

struct socket;
struct poll_table;
struct user;

/*
 * Descriptors that travel with a message (unix(7), "Ancillary messages"): open files with
 * references, which belong to no process while they do. Credentials stand in struct message.
 */
struct scm {
	struct user *user;		/* whose files in flight these are; held */
	int file_count;
	struct file *files[SCM_MAX_FD];	/* with references */
};

/*
 * One sendmsg or recvmsg in the kernel's terms. It lies on the stack of the call; a family that has
 * to keep something of it copies that, and takes over scm.
 */
struct message {
	struct iov_iter *it;
	unsigned flags;			/* MSG_; MSG_DONTWAIT also stands for O_NONBLOCK */
	unsigned out_flags;		/* recv: MSG_TRUNC, MSG_CTRUNC ... */
	struct sockaddr_storage name;	/* send: destination; recv: where it came from */
	int name_len;			/* 0: none */
	/* send: taken over by the family (set to NULL); recv: passes to the caller */
	struct scm *scm;
	struct ucred cred;
	bool has_cred;
};

/*
 * Any but poll and release may be NULL: -EOPNOTSUPP. All may sleep. nonblock: do not wait, -EAGAIN.
 * The caller holds the socket's file, but no lock: several calls on one socket can run at once, and
 * the family orders them. A wait that is interrupted ends with socket_wait_error().
 */
struct socket_ops {
	int (*bind)(struct socket *s, const struct sockaddr_storage *addr, int len);
	int (*connect)(struct socket *s, const struct sockaddr_storage *addr, int len,
		       bool nonblock);
	int (*listen)(struct socket *s, int backlog);
	/* Fill the fresh socket `new` (same family and type) with a connection that has been made.
	 */
	int (*accept)(struct socket *s, struct socket *new, bool nonblock);
	int (*pair)(struct socket *a, struct socket *b);
	/* Own address or the peer's: its length, or -ENOTCONN. */
	int (*name)(struct socket *s, struct sockaddr_storage *addr, bool peer);
	/* Bytes transferred or errno; m->it advances with them. recv: 0 is the end of a stream. */
	ssize_t (*send)(struct socket *s, struct message *m);
	ssize_t (*recv)(struct socket *s, struct message *m);
	int (*shutdown)(struct socket *s, int how);
	unsigned (*poll)(struct socket *s, struct poll_table *pt);
	/* Options that socket.c does not know: value in and out; -ENOPROTOOPT. */
	int (*set_option)(struct socket *s, int level, int name, const void *value, unsigned len);
	int (*get_option)(struct socket *s, int level, int name, void *value, unsigned *len);
	long (*ioctl)(struct socket *s, unsigned cmd, u64 arg);
	/* The last descriptor is gone, or there never was one: give up s->private. */
	void (*release)(struct socket *s);
};

struct socket {
	/* constant */
	int family, type, protocol;
	const struct socket_ops *ops;
	void *private;			/* the family's */
	u64 ino;
	unsigned uid, gid;		/* of the maker, for fstat */
	/* options; written by whoever holds a descriptor, read by anybody */
	u64 recv_timeout, send_timeout;	/* ns, 0: for ever */
	unsigned send_buffer, recv_buffer;	/* bytes */
	bool pass_cred, reuse_addr, keep_alive, broadcast;
	struct linger linger;
};

struct socket_family {
	int family;
	/* Set s->ops and s->private for s->type and protocol: 0, -ESOCKTNOSUPPORT,
	 * -EPROTONOSUPPORT, -ENOMEM ... */
	int (*create)(struct socket *s);
};
#define SOCKET_FAMILY(ident, ...)						\
	static LINKSET(socket_families, 50, const struct socket_family,		\
		       socket_family_##ident) = { __VA_ARGS__ }

extern const struct file_ops socket_file_ops;

/* A new socket with its family's state; or ERR_PTR. socket_free() for one that has no file. */
struct socket *socket_create(int family, int type, int protocol);
void socket_free(struct socket *s);
/* A file for it, which takes it over, also on failure; flags: O_NONBLOCK. Or ERR_PTR. */
struct file *socket_file(struct socket *s, unsigned flags);
/* The socket of descriptor fd, whose file (*f) the caller must put; or ERR_PTR(-EBADF, -ENOTSOCK).
 */
struct socket *socket_get(int fd, struct file **f);
struct socket *file_socket(struct file *f);	/* NULL: it is none */

/* Options at level SOL_SOCKET and below; value is kernel memory. */
int socket_set_option(struct socket *s, int level, int name, const void *value, unsigned len);
int socket_get_option(struct socket *s, int level, int name, void *value, unsigned *len);

/* A copy with references of its own, or NULL; and freeing one. */
struct scm *scm_dup(const struct scm *scm);
void scm_free(struct scm *scm);
/* Deadline of an operation that may last `timeout` ns (0: for ever). */
u64 socket_deadline(u64 timeout);
/*
 * What a call returns whose wait ended with `error`: -EAGAIN when its time is over, and -EINTR
 * instead of a restart if it has a time limit, which a restart would begin anew (signal(7)).
 */
int socket_wait_error(int error, u64 timeout);

#define SOCKET_BUFFER		212992	/* net.core.wmem_default */
#define SOCKET_OPTION_MAX	256	/* bytes of the longest option's value */
