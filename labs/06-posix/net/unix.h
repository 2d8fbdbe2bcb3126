/*
 * Local sockets: unix(7). Streams, datagrams and sequenced packets between processes of this
 * machine, with descriptors and credentials.
 *
 * What is sent becomes a list of buffers in the receiver's queue. One spinlock, unix_lock, protects
 * all links between sockets, all queues and all names; data is copied outside of it.
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

struct unix_buffer {
	struct list_head link;
	struct unix_address *from;	/* held, or NULL */
	struct scm *scm;		/* descriptors, or NULL */
	struct ucred cred;		/* of the sender */
	u32 len, offset;		/* bytes in data; of those, already read */
	u32 charge;			/* bytes of memory in all, while it is in a queue */
	u8 data[];
};

enum unix_state { UNIX_IDLE, UNIX_LISTENING, UNIX_CONNECTED, UNIX_CLOSED };

struct unix_socket {
	refcount_t refs;
	struct socket *socket;		/* NULL once closed, and before accept(2) */
	int type;
	/* RANK_SOCKET: one reader at a time, so that streams stay in order */
	struct mutex recv_lock;
	struct mutex bind_lock;		/* RANK_SOCKET: one bind(2) at a time, as it may sleep */

	/* unix_lock: */
	enum unix_state state;
	bool no_send, no_recv;		/* shut down */
	bool reset;			/* the peer closed with our data unread */
	struct unix_socket *peer;	/* held; for datagrams: the default destination */
	struct list_head clients;	/* datagrams: sockets whose peer we are */
	struct list_head client_link;
	struct unix_address *address;
	struct inode *inode;		/* bound to a path: held, its `socket` is us */
	struct list_head bound_link;	/* abstract names */
	struct list_head queue;		/* unix_buffer */
	size_t queued;			/* bytes in it, not yet read */
	size_t charged;			/* memory of its buffers: what is limited */
	unsigned queue_len;
	int backlog;
	unsigned pending;		/* connections in accept_queue */
	struct list_head accept_queue;	/* accept_link of embryos */
	struct list_head accept_link;
	struct ucred cred, peer_cred;	/* ours as of connect, listen or pair; SO_PEERCRED */
	/* in messages that wait somewhere (unix_gc.c): how many hold how many references to file */
	struct file *file;
	unsigned flights, outside;
	bool suspect;
	struct list_head flight_link, collect_link;

	struct wait_queue wait;		/* anything that poll or a sleeping call waits for */
};

extern struct spinlock unix_lock;

#define UNIX_DGRAM_QUEUE_MAX	64	/* datagrams that wait for one reader */

struct unix_socket *unix_alloc(struct socket *s, int type);
void unix_get(struct unix_socket *u);
void unix_put(struct unix_socket *u);
void unix_address_put(struct unix_address *a);

/* Names (unix_name.c). */
int unix_bind(struct socket *s, const struct sockaddr_storage *addr, int len);
/* The socket of that type bound to the address, with a reference: or ERR_PTR(-ECONNREFUSED,
 * -EPROTOTYPE, -ENOENT, -EACCES). */
struct unix_socket *unix_find(const struct sockaddr_storage *addr, int len, int type);
void unix_unbind(struct unix_socket *u);
int unix_autobind(struct unix_socket *u);

/* Data (unix_data.c). */
ssize_t unix_send(struct socket *s, struct message *m);
ssize_t unix_recv(struct socket *s, struct message *m);
void unix_buffer_free(struct unix_buffer *b);
/* Move u's unread buffers to `doomed`, to be freed without the lock. unix_lock held. */
void unix_take_queue(struct unix_socket *u, struct list_head *doomed);
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
