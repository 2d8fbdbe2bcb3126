/*
 * Local sockets: their life and their connections (unix.h).
 *
 * Two sockets that are connected hold each other: a circle of references, which close_one() breaks.
 * Each gives up its reference when it is closed itself; so a socket can find its peer closed, but
 * never freed. Whatever concerns both ends happens under unix_lock in one piece, so that no third
 * party sees half a connection; waking, freeing and copying come after it is released.
 *
 * All waits are on the wait queue of the socket whose call waits, but for connect(2), which waits
 * for the listener. Whoever changes something that another socket may wait for wakes that one.
 */
#include "06-posix/net/unix.h"
#include "common/abi/ioctl.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "05-vfs/inode.h"
#include "06-posix/poll/poll.h"

DEFINE_SPINLOCK(unix_lock, RANK_LEAF);

/* Effective ids, as unix(7) says for SO_PEERCRED; messages carry the real ones (make_buffer()). */
static struct ucred my_cred(void)
{
	const struct cred *c = current_cred();

	return (struct ucred){ current_process()->id, c->euid, c->egid };
}

struct unix_socket *unix_alloc(struct socket *s, int type)
{
	struct unix_socket *u = kzalloc(sizeof(*u), GFP_KERNEL);

	if (!u)
		return NULL;
	ref_init(&u->refs, 1);
	u->socket = s;
	u->type = type;
	mutex_init(&u->recv_lock, "unix receive", RANK_SOCKET);
	mutex_init(&u->bind_lock, "unix bind", RANK_SOCKET);
	list_init(&u->clients);
	list_init(&u->client_link);
	list_init(&u->bound_link);
	list_init(&u->queue);
	list_init(&u->accept_queue);
	list_init(&u->accept_link);
	list_init(&u->flight_link);
	list_init(&u->collect_link);
	wait_queue_init(&u->wait);
	u->peer_cred = (struct ucred){ 0, ~0u, ~0u };	/* what SO_PEERCRED says of nobody */
	return u;
}

void unix_get(struct unix_socket *u)
{
	ref_get(&u->refs);
}

void unix_address_put(struct unix_address *a)
{
	if (a && ref_put(&a->refs))
		kfree(a);
}

void unix_put(struct unix_socket *u)
{
	if (!ref_put(&u->refs))
		return;
	unix_address_put(u->address);
	kfree(u);
}

/* Make b the peer of a. unix_lock held; a has none. */
static void set_peer(struct unix_socket *a, struct unix_socket *b)
{
	unix_get(b);
	a->peer = b;
	if (a->type == SOCK_DGRAM)
		list_add_tail(&a->client_link, &b->clients);
}

/* Forget the peer: the reference passes to the caller. unix_lock held. */
static struct unix_socket *drop_peer(struct unix_socket *u)
{
	struct unix_socket *peer = u->peer;

	u->peer = NULL;
	list_del(&u->client_link);
	return peer;
}

/* Without a key: all that poll may ask for can have changed. */
static void wake_all(struct unix_socket *u)
{
	wait_queue_wake(&u->wait, 0x7fffffff, 0);
}

/* ---- connecting streams ---- */

/* a and b talk to each other from now on. unix_lock held. */
static void join(struct unix_socket *a, struct unix_socket *b)
{
	set_peer(a, b);
	set_peer(b, a);
	a->state = b->state = UNIX_CONNECTED;
	a->peer_cred = b->cred;
	b->peer_cred = a->cred;
}

/* Nobody else knows the two yet; the lock is for the lists that datagram sockets go on. */
static int unix_pair(struct socket *sa, struct socket *sb)
{
	struct unix_socket *a = sa->private, *b = sb->private;

	a->cred = b->cred = my_cred();
	spin_lock(&unix_lock);
	join(a, b);
	spin_unlock(&unix_lock);
	return 0;
}

/*
 * False for a listener that has closed: there is no point in waiting for it. Also evaluated without
 * unix_lock, by who waits: knock() decides.
 */
static bool backlog_full(struct unix_socket *listener)
{
	return listener->state == UNIX_LISTENING && listener->pending > (unsigned)listener->backlog;
}

/*
 * Try to queue a connection from u at the listener: 0, or errno; -EAGAIN if its backlog is full.
 * embryo is the server's end.
 *
 * With that the connection exists, and connect(2) returns: it does not wait for accept(2). The
 * embryo has the listener's name and credentials, the latter from the time of listen(2): the peer
 * shall learn who offered the service, not which child accepted (unix(7), SO_PEERCRED). u's state
 * is examined here and not earlier, as two threads may connect the same socket.
 */
static int knock(struct unix_socket *listener, struct unix_socket *u, struct unix_socket *embryo)
{
	int error = 0;

	spin_lock(&unix_lock);
	if (u->state == UNIX_CONNECTED)
		error = -EISCONN;
	else if (u->state != UNIX_IDLE)
		error = -EINVAL;
	else if (listener->state != UNIX_LISTENING || listener->no_recv)
		error = -ECONNREFUSED;
	else if (backlog_full(listener))
		error = -EAGAIN;
	if (!error) {
		u->cred = my_cred();
		embryo->cred = listener->cred;
		embryo->address = listener->address;
		if (embryo->address)
			ref_get(&embryo->address->refs);
		join(u, embryo);
		list_add_tail(&embryo->accept_link, &listener->accept_queue);
		listener->pending++;
	}
	spin_unlock(&unix_lock);
	return error;
}

/* The embryo is allocated before the lock is taken, and used for all attempts. */
static int connect_to(struct unix_socket *u, struct unix_socket *listener, bool nonblock)
{
	struct unix_socket *embryo = unix_alloc(NULL, u->type);
	int error;

	if (!embryo)
		return -ENOMEM;
	while ((error = knock(listener, u, embryo)) == -EAGAIN && !nonblock) {
		error = wait_event_until(&listener->wait, !backlog_full(listener),
					 WAIT_INTERRUPTIBLE,
					 socket_deadline(u->socket->send_timeout));
		if (error)
			break;
	}
	if (error) {
		unix_put(embryo);
		return socket_wait_error(error, u->socket->send_timeout);
	}
	wake_up_poll(&listener->wait, POLL_READABLE);
	return 0;
}

/*
 * A socket that wants credentials gets a name first, so that the other side can name it in turn
 * (unix(7), SO_PASSCRED).
 */
static int connect_stream(struct unix_socket *u, const struct sockaddr_storage *addr, int len,
			  bool nonblock)
{
	struct unix_socket *listener = unix_find(addr, len, u->type);
	int error;

	if (IS_ERR(listener))
		return PTR_ERR(listener);
	if (u->socket->pass_cred && !u->address)
		unix_autobind(u);
	error = connect_to(u, listener, nonblock);
	unix_put(listener);
	return error;
}

/* Datagrams: choose (or with AF_UNSPEC forget) the default destination. */
static int connect_dgram(struct unix_socket *u, const struct sockaddr_storage *addr, int len)
{
	struct unix_socket *new = NULL, *old = NULL;
	int error = 0;

	if (addr->ss_family != AF_UNSPEC) {
		new = unix_find(addr, len, u->type);
		if (IS_ERR(new))
			return PTR_ERR(new);
		if (u->socket->pass_cred && !u->address)
			unix_autobind(u);
	}
	spin_lock(&unix_lock);
	if (new && new->peer && new->peer != u) {
		error = -EPERM;		/* it has chosen its partner: as for sending */
	} else {
		old = drop_peer(u);
		if (new)
			set_peer(u, new);
		u->state = new ? UNIX_CONNECTED : UNIX_IDLE;
	}
	spin_unlock(&unix_lock);
	wake_all(u);		/* a sender that waits for room at the old one, who no longer tells us */
	if (old)
		unix_put(old);
	if (new)
		unix_put(new);
	return error;
}

static int unix_connect(struct socket *s, const struct sockaddr_storage *addr, int len,
			bool nonblock)
{
	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	return s->type == SOCK_DGRAM ? connect_dgram(s->private, addr, len) :
	       connect_stream(s->private, addr, len, nonblock);
}

/* It may be called again to change the backlog. A name is needed, as nobody could connect. */
static int unix_listen(struct socket *s, int backlog)
{
	struct unix_socket *u = s->private;
	int error = 0;

	spin_lock(&unix_lock);
	if (!u->address || (u->state != UNIX_IDLE && u->state != UNIX_LISTENING)) {
		error = -EINVAL;
	} else {
		u->state = UNIX_LISTENING;
		u->backlog = backlog;
		u->cred = my_cred();
	}
	spin_unlock(&unix_lock);
	wake_all(u);		/* more room in the backlog, perhaps */
	return error;
}

/* For a wait: also true when accept would fail. */
static bool can_accept(struct unix_socket *u)
{
	return u->state != UNIX_LISTENING || READ_ONCE(u->pending) || u->no_recv;
}

/*
 * The oldest connection goes first. Its client may have sent and closed meanwhile: it is accepted
 * all the same, and its data can be read. After a connection is taken those are woken who wait for
 * room in the backlog.
 */
static int unix_accept(struct socket *s, struct socket *new, bool nonblock)
{
	struct unix_socket *u = s->private, *embryo = NULL;
	int error;

	for (;;) {
		spin_lock(&unix_lock);
		error = u->state != UNIX_LISTENING || u->no_recv ? -EINVAL : 0;
		if (!error && u->pending) {
			embryo =
				list_first_entry(&u->accept_queue, struct unix_socket, accept_link);
			list_del(&embryo->accept_link);
			u->pending--;
		}
		spin_unlock(&unix_lock);
		if (error || embryo)
			break;
		if (nonblock)
			return -EAGAIN;
		error = wait_event_until(&u->wait, can_accept(u), WAIT_INTERRUPTIBLE,
					 socket_deadline(s->recv_timeout));
		if (error)
			return socket_wait_error(error, s->recv_timeout);
	}
	if (error)
		return error;
	/*
	 * The socket that was made for accept gets the embryo's state instead of its own. Its file is
	 * in no descriptor yet, so nobody looks at `new` meanwhile; the queue's reference passes on.
	 */
	unix_put(new->private);
	new->private = embryo;
	embryo->socket = new;
	wake_all(u);
	return 0;
}

/* ---- ends ---- */

/*
 * The two flags of a socket say what is shut down whoever did it: our end of sending is the peer's
 * end of receiving. What waits in the queues can still be read. Datagram sockets have no end of
 * the other side to shut down.
 */
static int unix_shutdown(struct socket *s, int how)
{
	struct unix_socket *u = s->private, *peer;
	bool recv = how != SHUT_WR, send = how != SHUT_RD;

	spin_lock(&unix_lock);
	u->no_recv |= recv;
	u->no_send |= send;
	peer = u->type != SOCK_DGRAM ? u->peer : NULL;
	if (peer) {
		unix_get(peer);
		peer->no_recv |= send;
		peer->no_send |= recv;
	}
	spin_unlock(&unix_lock);
	wake_all(u);
	if (peer) {
		wake_all(peer);
		unix_put(peer);
	}
	return 0;
}

/*
 * Cut a stream: the peer reads what it has, then the end. If we leave something unread that it
 * sent, it gets ECONNRESET once, before the end: what it took for delivered was not. unix_lock
 * held; the reference to the peer goes to the caller.
 */
static struct unix_socket *cut(struct unix_socket *u, bool unread)
{
	struct unix_socket *peer = drop_peer(u);

	u->state = UNIX_CLOSED;
	if (peer && u->type != SOCK_DGRAM) {
		peer->no_recv = peer->no_send = true;
		peer->reset |= unread;
	}
	return peer;
}

/*
 * From here on u is UNIX_CLOSED, and whoever still holds it finds nothing in it. `waiting`: nobody
 * has accepted it, so its client is reset.
 */
static void close_one(struct unix_socket *u, bool waiting)
{
	LIST_HEAD(doomed);
	struct unix_socket *peer, *client, *next;

	spin_lock(&unix_lock);
	u->socket = NULL;
	peer = cut(u, waiting || u->queued > 0);
	unix_take_queue(u, &doomed);
	/* Those who send us datagrams find out at their next attempt; wake who waits for room. */
	list_for_each_entry_safe(client, next, &u->clients, client_link)
		wake_all(client);
	spin_unlock(&unix_lock);
	unix_free_buffers(&doomed);
	wake_all(u);
	if (peer) {
		wake_all(peer);
		unix_put(peer);
	}
}

/*
 * The last descriptor is closed. First the name goes, then the state changes: so nobody finds u by
 * name after its queue was emptied, and a knock() that had found it before sees UNIX_CLOSED, and
 * leaves nothing in accept_queue after this loop.
 */
static void unix_release(struct socket *s)
{
	struct unix_socket *u = s->private, *embryo;

	unix_unbind(u);
	close_one(u, false);
	for (;;) {
		spin_lock(&unix_lock);
		embryo = list_empty(&u->accept_queue) ? NULL :
			 list_first_entry(&u->accept_queue, struct unix_socket, accept_link);
		if (embryo)
			list_del(&embryo->accept_link);
		spin_unlock(&unix_lock);
		if (!embryo)
			break;
		close_one(embryo, true);
		unix_put(embryo);
	}
	unix_put(u);
	unix_collect(false);
}

/* ---- questions ---- */

/* A socket without a name has the family alone as its address (unix(7), "unnamed"). */
static int unix_get_name(struct socket *s, struct sockaddr_storage *addr, bool peer)
{
	struct unix_socket *u = s->private;
	int len = sizeof(addr->ss_family);

	addr->ss_family = AF_UNIX;
	spin_lock(&unix_lock);
	if (peer)
		u = u->peer;
	if (u && u->address) {
		len = u->address->len;
		memcpy(addr, &u->address->name, len);
	}
	spin_unlock(&unix_lock);
	return u ? len : -ENOTCONN;
}

/*
 * An end is readable, as read(2) returns at once. POLLHUP means that both directions are shut, or
 * that there never was a connection; POLLERR that SO_ERROR has something to say. Most of it is read
 * without the lock: each change is followed by a wake-up, after which we are asked again.
 */
static unsigned unix_poll(struct socket *s, struct poll_table *pt)
{
	struct unix_socket *u = s->private;
	unsigned events = 0;

	poll_wait(&u->wait, pt);
	if (READ_ONCE(u->queue_len) || READ_ONCE(u->pending) || u->no_recv)
		events |= POLL_READABLE;
	if (u->no_recv)
		events |= POLLRDHUP;
	if ((u->no_recv && u->no_send) || (u->type != SOCK_DGRAM && u->state == UNIX_IDLE))
		events |= POLLHUP;
	if (u->reset)
		events |= POLLERR;
	if (u->state != UNIX_LISTENING && unix_writable(u))
		events |= POLL_WRITABLE;
	return events;
}

/* What only the family knows. Reading SO_ERROR clears it (socket(7)). */
static int unix_get_option(struct socket *s, int level, int name, void *value, unsigned *len)
{
	struct unix_socket *u = s->private;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	*len = sizeof(int);
	switch (name) {
	case SO_PEERCRED:
		spin_lock(&unix_lock);
		*(struct ucred *)value = u->peer_cred;
		spin_unlock(&unix_lock);
		*len = sizeof(struct ucred);
		return 0;
	case SO_ERROR:
		spin_lock(&unix_lock);
		*(int *)value = u->reset ? ECONNRESET : 0;
		u->reset = false;
		spin_unlock(&unix_lock);
		return 0;
	case SO_ACCEPTCONN:
		*(int *)value = u->state == UNIX_LISTENING;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/*
 * unix(7), "Ioctls": SIOCINQ (FIONREAD) is what waits for us: all of it, or the first datagram.
 * SIOCOUTQ is what we sent and nobody has read: that lies in the peer's queue.
 */
static long unix_ioctl(struct socket *s, unsigned cmd, u64 arg)
{
	struct unix_socket *u = s->private;
	int n = 0;

	spin_lock(&unix_lock);
	if (cmd == SIOCINQ && u->type != SOCK_DGRAM)
		n = u->queued;
	else if (cmd == SIOCINQ && !list_empty(&u->queue))
		n = list_first_entry(&u->queue, struct unix_buffer, link)->len;
	else if (cmd == SIOCOUTQ)
		n = u->peer ? u->peer->queued : 0;
	spin_unlock(&unix_lock);
	if (cmd != SIOCINQ && cmd != SIOCOUTQ)
		return -ENOTTY;
	if (u->state == UNIX_LISTENING)
		return -EINVAL;
	return put_user(n, (int __user *)arg);
}

static const struct socket_ops unix_stream_ops = {
	.bind = unix_bind,
	.connect = unix_connect,
	.listen = unix_listen,
	.accept = unix_accept,
	.pair = unix_pair,
	.name = unix_get_name,
	.send = unix_send,
	.recv = unix_recv,
	.shutdown = unix_shutdown,
	.poll = unix_poll,
	.get_option = unix_get_option,
	.ioctl = unix_ioctl,
	.release = unix_release,
};

static const struct socket_ops unix_dgram_ops = {
	.bind = unix_bind,
	.connect = unix_connect,
	.pair = unix_pair,
	.name = unix_get_name,
	.send = unix_send,
	.recv = unix_recv,
	.shutdown = unix_shutdown,
	.poll = unix_poll,
	.get_option = unix_get_option,
	.ioctl = unix_ioctl,
	.release = unix_release,
};

/* One set of operations with connections and one without: missing ones are EOPNOTSUPP. */
static int unix_create(struct socket *s)
{
	if (s->protocol && s->protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (s->type == SOCK_RAW)	/* BSD compatibility, as Linux */
		s->type = SOCK_DGRAM;
	if (s->type != SOCK_STREAM && s->type != SOCK_DGRAM && s->type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	s->ops = s->type == SOCK_DGRAM ? &unix_dgram_ops : &unix_stream_ops;
	s->private = unix_alloc(s, s->type);
	return s->private ? 0 : -ENOMEM;
}
SOCKET_FAMILY(unix, .family = AF_UNIX, .create = unix_create);
