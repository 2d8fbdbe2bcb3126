/*
 * Local sockets: unix(7). Streams, datagrams and sequenced packets between processes of this
 * machine, with descriptors and credentials.
 *
 * What is sent becomes a list of buffers in the receiver's queue. One spinlock, unix_lock, protects
 * all links between sockets, all queues and all names; data is copied outside of it. A lock for
 * each socket would let more CPUs send at once, but nearly everything here concerns two sockets or
 * three, and their order would be a rule of its own (Linux has such rules).
 *
 * The life of a unix_socket. It is made with its struct socket, or without one as an embryo: the
 * server's end of a connection that connect(2) has made and accept(2) has not taken yet. The client
 * can send to it at once. accept() gives it to a fresh struct socket. It is held by that, by its
 * peer, by datagram sockets connected to it, and by calls that found it by name; closing makes it
 * UNIX_CLOSED and takes it out of all lists, but the memory stays until the last of these lets go.
 *
 *   UNIX_IDLE		fresh; or a datagram socket without a default destination
 *   UNIX_LISTENING	listen(2) was called; accept_queue has the embryos
 *   UNIX_CONNECTED	peer is set. It stays so when the peer closes: no_recv and no_send tell
 *   UNIX_CLOSED	no descriptor is left; only others still hold it
 *
 * A name keeps nobody open: with the last descriptor the socket is closed, and who uses the name is
 * refused. A socket that waits in a message is held as a file, and stays open (unix_gc.c).
 */
#pragma once

#include "common/list.h"
#include "02-usermode/mutex.h"
#include "06-posix/net/socket.h"

struct inode;

/* A name that a socket is bound to; shared by the messages that came from there. */
struct unix_address {
	refcount_t refs;
	int len;			/* of sockaddr_un as far as it is used */
	struct sockaddr_un name;
};

/*
 * A piece of a stream, or a whole packet. Its maker fills it in; in a queue its fields change only
 * under the receiver's recv_lock and unix_lock together, so either is enough to read them.
 */
struct unix_buffer {
	struct list_head link;		/* unix_socket.queue, or a list of those to be freed */
	struct unix_address *from;	/* held, or NULL */
	struct scm *scm;		/* descriptors, or NULL */
	struct ucred cred;		/* of the sender, at that moment: he may be gone by now */
	u32 len, offset;		/* bytes in data; of those, already read */
	u32 charge;			/* bytes of memory in all, while it is in a queue */
	u8 data[];
};

enum unix_state { UNIX_IDLE, UNIX_LISTENING, UNIX_CONNECTED, UNIX_CLOSED };

struct unix_socket {
	refcount_t refs;
	struct socket *socket;		/* NULL once closed, and before accept(2); unix_lock */
	int type;			/* constant: SOCK_ */
	/* RANK_SOCKET: one reader at a time, so that streams stay in order */
	struct mutex recv_lock;
	struct mutex bind_lock;		/* RANK_SOCKET: one bind(2) at a time, as it may sleep */

	/* unix_lock: */
	enum unix_state state;
	bool no_send, no_recv;		/* shut down, by us or by the peer, or the peer closed */
	bool reset;			/* the peer closed with our data unread */
	struct unix_socket *peer;	/* held; for datagrams: the default destination */
	struct list_head clients;	/* datagrams: sockets whose peer we are */
	struct list_head client_link;
	struct unix_address *address;	/* held; once set it stays */
	struct inode *inode;		/* bound to a path: held, its `socket` is us */
	struct list_head bound_link;	/* in the list of abstract names */
	struct list_head queue;		/* unix_buffer */
	size_t queued;			/* bytes in it, not yet read */
	size_t charged;			/* memory of its buffers: what is limited */
	unsigned queue_len;		/* buffers in it; as `charged` and `pending`, read without it */
	int backlog;			/* as listen(2) was told: one more than that may wait */
	unsigned pending;		/* connections in accept_queue */
	struct list_head accept_queue;	/* accept_link of embryos */
	struct list_head accept_link;
	struct ucred cred, peer_cred;	/* ours as of connect, listen or pair; SO_PEERCRED */
	/* In messages that wait in queues (unix_gc.c): */
	struct file *file;		/* ours, while flights is not 0; held by those messages */
	unsigned flights;		/* references to it that they hold */
	struct list_head flight_link;
	/* valid during a look for garbage only */
	unsigned outside;		/* of these, in queues that are not suspect */
	bool suspect;
	struct list_head collect_link;

	struct wait_queue wait;		/* anything that poll or a sleeping call waits for */
};

extern struct spinlock unix_lock;

#define UNIX_DGRAM_QUEUE_MAX	64	/* datagrams that wait for one reader */

/* A socket with one reference, idle; s is NULL for an embryo. NULL: no memory. */
struct unix_socket *unix_alloc(struct socket *s, int type);
void unix_get(struct unix_socket *u);
void unix_put(struct unix_socket *u);
void unix_address_put(struct unix_address *a);

/* Names (unix_name.c). */
/* bind(2): 0, -EINVAL (also: it has a name), -EADDRINUSE, -ENOMEM, or what the path gives. */
int unix_bind(struct socket *s, const struct sockaddr_storage *addr, int len);
/* The socket of that type bound to the address, with a reference: or ERR_PTR(-ECONNREFUSED,
 * -EPROTOTYPE, -ENOENT, -EACCES). */
struct unix_socket *unix_find(const struct sockaddr_storage *addr, int len, int type);
/* u closes: nobody shall find it any more. A socket file stays on disk (unix(7), NOTES). */
void unix_unbind(struct unix_socket *u);
/* Give u an abstract name that nobody has: 0, -EINVAL if it has got one, -ENOMEM. */
int unix_autobind(struct unix_socket *u);

/* Data (unix_data.c). */
ssize_t unix_send(struct socket *s, struct message *m);
ssize_t unix_recv(struct socket *s, struct message *m);
/* b is in no queue. Closes its files: may sleep. */
void unix_buffer_free(struct unix_buffer *b);
/* Move u's unread buffers to `doomed`, to be freed without the lock. unix_lock held. */
void unix_take_queue(struct unix_socket *u, struct list_head *doomed);
/* Free them; *doomed is empty afterwards. May sleep. */
void unix_free_buffers(struct list_head *doomed);
/* Files in flight (unix_gc.c): a message comes into a queue, or leaves it. unix_lock held. */
void unix_files_enter(struct scm *scm);
void unix_files_leave(struct scm *scm);
/*
 * Close sockets that only messages hold which nobody can receive. many: only if that is worth a
 * look. No lock held; may sleep.
 */
void unix_collect(bool many);
/* Could u send to its peer now? unix_lock not needed. */
bool unix_writable(struct unix_socket *u);
