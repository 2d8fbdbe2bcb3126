/*
 * Sending and receiving on local sockets.
 *
 * A sender copies from user memory into buffers and hangs them into the receiver's queue. Streams
 * are cut into chunks; packets and datagrams are one buffer each. The receiver's queue is bounded
 * by the sender's SO_SNDBUF. Descriptors travel with the first byte, and a read of a stream does
 * not go on beyond them.
 *
 * There is no queue for sending: what send(2) returned for lies with the receiver already, and
 * needs the sender no more. So a socket can be closed right after the last write, and the peer
 * reads what is there and then the end.
 *
 * User memory may be paged in, which sleeps; so all copying is outside of unix_lock. A sender's
 * buffer is its own until deliver(). A receiver copies out of a buffer that is still in the queue,
 * so that a fault loses nothing; recv_lock keeps other receivers off it meanwhile. SO_RCVBUF is
 * kept but has no meaning for these sockets (unix(7)).
 */
#include "06-posix/net/unix.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "03-syscalls/cred.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

/* Bytes of a stream's buffer at most: with its header it fills four pages. */
#define CHUNK	(16384 - sizeof(struct unix_buffer))

/* ---- buffers ---- */

/*
 * Files in a buffer may be sockets with buffers with files ... A release inside a release only adds
 * to this list, and whoever works on it goes on until it is empty: so the stack does not grow.
 */
static DEFINE_SPINLOCK(doomed_lock, RANK_LEAF);
static LIST_HEAD(doomed_buffers);
static bool doomed_active;

void unix_buffer_free(struct unix_buffer *b)
{
	if (b->scm)
		scm_free(b->scm);
	unix_address_put(b->from);
	kfree(b);
}

void unix_free_buffers(struct list_head *doomed)
{
	struct unix_buffer *b;

	spin_lock(&doomed_lock);
	list_splice_tail(doomed, &doomed_buffers);
	if (doomed_active) {
		spin_unlock(&doomed_lock);
		return;
	}
	doomed_active = true;
	while (!list_empty(&doomed_buffers)) {
		b = list_first_entry(&doomed_buffers, struct unix_buffer, link);
		list_del(&b->link);
		spin_unlock(&doomed_lock);
		unix_buffer_free(b);
		spin_lock(&doomed_lock);
	}
	doomed_active = false;
	spin_unlock(&doomed_lock);
}

void unix_take_queue(struct unix_socket *u, struct list_head *doomed)
{
	struct unix_buffer *b;

	list_for_each_entry(b, &u->queue, link)
		if (b->scm)
			unix_files_leave(b->scm);
	list_splice_tail(&u->queue, doomed);
	u->queued = 0;
	u->charged = 0;
	u->queue_len = 0;
}

/* Bytes not yet read. */
static size_t size_of(const struct unix_buffer *b)
{
	return b->len - b->offset;
}

/* ---- sending ---- */

/*
 * May u put one more buffer into to's queue? A queue that is empty always takes one, so a message
 * that passed the check of its length gets through. Whether there is room is asked before adding,
 * so the limit can be passed by one buffer. u->socket is our own, or unix_lock is held.
 */
static bool has_room(const struct unix_socket *u, const struct unix_socket *to)
{
	struct socket *s = READ_ONCE(u->socket);
	size_t limit = s ? s->send_buffer : SOCKET_BUFFER;

	if (to->type == SOCK_DGRAM && READ_ONCE(to->queue_len) >= UNIX_DGRAM_QUEUE_MAX)
		return false;
	return READ_ONCE(to->charged) < limit;
}

/* Who has no peer, or one that has gone, is writable: the write would fail at once, not wait. */
bool unix_writable(struct unix_socket *u)
{
	bool ok = true;

	spin_lock(&unix_lock);
	if (u->peer && u->peer != u)
		ok = has_room(u, u->peer) || u->peer->state == UNIX_CLOSED;
	spin_unlock(&unix_lock);
	return ok;
}

/*
 * A buffer with the next n bytes of the message; or ERR_PTR. It takes the message's descriptors:
 * the first buffer of a long write to a stream has them. The name is taken now, as it may come to
 * be meanwhile; being counted, it outlives the socket in the buffers that came from there.
 */
static struct unix_buffer *make_buffer(struct unix_socket *u, struct message *m, size_t n)
{
	struct unix_buffer *b = kmalloc(sizeof(*b) + n, GFP_KERNEL);
	const struct cred *c = current_cred();

	if (!b)
		return ERR_PTR(-ENOBUFS);
	list_init(&b->link);
	b->from = NULL;
	b->scm = NULL;
	b->len = n;
	b->offset = 0;
	b->cred = m->has_cred ? m->cred : (struct ucred){ current_process()->id, c->uid, c->gid };
	if (copy_from_iter(b->data, n, m->it) != n) {
		kfree(b);
		return ERR_PTR(-EFAULT);
	}
	spin_lock(&unix_lock);
	b->from = u->address;
	if (b->from)
		ref_get(&b->from->refs);
	spin_unlock(&unix_lock);
	b->scm = m->scm;
	m->scm = NULL;
	/* A short message is mostly overhead, and one without data is not free. */
	b->charge = sizeof(*b) + n + (b->scm ? sizeof(*b->scm) : 0);
	return b;
}

/*
 * Where a message of u goes: its peer, or the socket named in it; with a reference, or ERR_PTR.
 */
static struct unix_socket *destination(struct unix_socket *u, struct message *m)
{
	struct unix_socket *to;

	if (m->name_len && u->type == SOCK_DGRAM)
		return unix_find(&m->name, m->name_len, u->type);
	if (m->name_len && u->type == SOCK_STREAM)
		return ERR_PTR(u->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP);
	spin_lock(&unix_lock);
	to = u->peer;
	if (to)
		unix_get(to);
	spin_unlock(&unix_lock);
	return to ? to : ERR_PTR(-ENOTCONN);
}

/*
 * Why nothing can be sent to `to` any more; 0: it can. A datagram socket that has chosen a partner
 * with connect(2) takes messages from nobody else: EPERM. unix_lock held.
 */
static int refusal(const struct unix_socket *u, const struct unix_socket *to)
{
	if (u->no_send)
		return -EPIPE;
	if (to->type == SOCK_DGRAM) {
		if (to->state == UNIX_CLOSED)
			return -ECONNREFUSED;
		if (to->peer && to->peer != u)
			return -EPERM;
	}
	return to->state == UNIX_CLOSED || to->no_recv ? -EPIPE : 0;
}

/*
 * Hang b into to's queue: 0, -EAGAIN if that is full, or what refusal() says. All is examined under
 * the lock that close_one() empties the queue with: nothing comes into a queue that nobody will
 * ever empty again. With the buffer its descriptors begin to be in flight.
 */
static int deliver(struct unix_socket *u, struct unix_socket *to, struct unix_buffer *b)
{
	int error;

	spin_lock(&unix_lock);
	error = refusal(u, to);
	if (!error && !has_room(u, to))
		error = -EAGAIN;
	if (!error) {
		list_add_tail(&b->link, &to->queue);
		if (b->scm)
			unix_files_enter(b->scm);
		to->queued += b->len;
		WRITE_ONCE(to->charged, to->charged + b->charge);
		WRITE_ONCE(to->queue_len, to->queue_len + 1);
	}
	spin_unlock(&unix_lock);
	return error;
}

/* For a wait: there is room, or a reason to give up. Without the lock; deliver() decides. */
static bool may_try(struct unix_socket *u, struct unix_socket *to)
{
	return has_room(u, to) || to->state == UNIX_CLOSED || to->no_recv || u->no_send;
}

/* deliver(), waiting for room if that is wanted. */
static int deliver_patiently(struct unix_socket *u, struct unix_socket *to, struct unix_buffer *b,
			     bool nonblock)
{
	u64 end = socket_deadline(u->socket->send_timeout);
	int error;

	while ((error = deliver(u, to, b)) == -EAGAIN && !nonblock) {
		/* Whoever makes room wakes connected senders; a datagram's may be unconnected, or
		 * connected elsewhere by now, so look now and then. */
		bool connected = READ_ONCE(u->peer) == to;
		u64 deadline = connected ? end : MIN(end, clock_monotonic() + 10 * NSEC_PER_MSEC);

		error = wait_event_until(&u->wait, may_try(u, to) ||
						   (connected && READ_ONCE(u->peer) != to),
					 WAIT_INTERRUPTIBLE, deadline);
		if (error && (error != -ETIMEDOUT || clock_monotonic() >= end))
			return socket_wait_error(error, u->socket->send_timeout);
	}
	if (!error)
		wake_up_poll(&to->wait, POLL_READABLE);
	return error;
}

/*
 * All or nothing. The data is copied before it is known whether there is room: looking first would
 * promise nothing, as others send to the same socket.
 */
static ssize_t send_packet(struct unix_socket *u, struct unix_socket *to, struct message *m,
			   bool nonblock)
{
	size_t n = m->it->count;
	struct unix_buffer *b;
	int error;

	if (n > u->socket->send_buffer)
		return -EMSGSIZE;
	b = make_buffer(u, m, n);
	if (IS_ERR(b))
		return PTR_ERR(b);
	error = deliver_patiently(u, to, b, nonblock);
	if (error)
		unix_buffer_free(b);
	return error ? error : (ssize_t)n;
}

/*
 * As much as there is room for: an error after the first chunk is not told, but the number of bytes
 * sent (send(2)). Several writers to one stream may find their chunks mixed; up to CHUNK bytes
 * arrive together.
 */
static ssize_t send_stream(struct unix_socket *u, struct unix_socket *to, struct message *m,
			   bool nonblock)
{
	ssize_t done = 0;
	int error = 0;

	while (m->it->count) {
		struct unix_buffer *b;
		size_t n = MIN(m->it->count, CHUNK);

		b = make_buffer(u, m, n);
		error = IS_ERR(b) ? PTR_ERR(b) : deliver_patiently(u, to, b, nonblock);
		if (error) {
			if (!IS_ERR(b))
				unix_buffer_free(b);
			break;
		}
		done += n;
	}
	return done ? done : error;
}

/*
 * A stream's writer gets SIGPIPE with EPIPE, as with a pipe; packets and datagrams do not, for
 * Linux sends it from the stream's path only. Before more descriptors are sent, a look whether too
 * many of them have become unreachable.
 */
ssize_t unix_send(struct socket *s, struct message *m)
{
	struct unix_socket *u = s->private, *to;
	bool nonblock = m->flags & MSG_DONTWAIT;
	ssize_t n;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->scm)
		unix_collect(true);
	if (s->pass_cred && !u->address && u->type == SOCK_DGRAM)
		unix_autobind(u);
	to = destination(u, m);
	if (IS_ERR(to)) {
		n = PTR_ERR(to);
	} else {
		n = u->type == SOCK_STREAM ? send_stream(u, to, m, nonblock) :
					     send_packet(u, to, m, nonblock);
		unix_put(to);
	}
	if (n == -EPIPE && !(m->flags & MSG_NOSIGNAL) && u->type == SOCK_STREAM)
		signal_send_self(SIGPIPE);
	return n;
}

/* ---- receiving ---- */

/* What is behind b in the queue, at its head if b is NULL; or NULL. */
static struct unix_buffer *next_buffer(struct unix_socket *u, struct unix_buffer *b)
{
	struct list_head *next;

	spin_lock(&unix_lock);
	next = b ? b->link.next : u->queue.next;
	b = next == &u->queue ? NULL : list_entry(next, struct unix_buffer, link);
	spin_unlock(&unix_lock);
	/* stays: we hold recv_lock, and we are not closed while a call is on */
	return b;
}

/*
 * n bytes of b have been read; if that was all, or `drop`, b goes. Wake who waits for room.
 *
 * The charge is given back when the buffer goes, not byte by byte: so much memory it holds to the
 * end. Datagrams may come from anybody: those connected to us are woken, others look by themselves
 * (deliver_patiently()).
 */
static void consumed(struct unix_socket *u, struct unix_buffer *b, size_t n, bool drop)
{
	struct unix_socket *client, *peer = NULL;

	spin_lock(&unix_lock);
	u->queued -= drop ? size_of(b) : n;
	b->offset += n;
	if (drop || b->offset == b->len) {
		list_del(&b->link);
		if (b->scm)
			unix_files_leave(b->scm);
		WRITE_ONCE(u->charged, u->charged - b->charge);
		WRITE_ONCE(u->queue_len, u->queue_len - 1);
		drop = true;
	}
	if (u->type == SOCK_DGRAM) {
		list_for_each_entry(client, &u->clients, client_link)
			wake_up_poll(&client->wait, POLL_WRITABLE);
	} else {
		peer = u->peer;
		if (peer)
			unix_get(peer);
	}
	spin_unlock(&unix_lock);
	if (peer) {
		wake_up_poll(&peer->wait, POLL_WRITABLE);
		unix_put(peer);
	}
	if (drop)
		unix_buffer_free(b);
}

/* Who sent the message. A read that joins several pieces of a stream tells of the first. */
static void describe(struct message *m, struct unix_buffer *b, bool first_one)
{
	if (!first_one)
		return;
	m->cred = b->cred;
	m->has_cred = true;
	if (b->from) {
		memcpy(&m->name, &b->from->name, b->from->len);
		m->name_len = b->from->len;
	} else {
		m->name_len = 0;
	}
}

/*
 * The descriptors of b for the program; a peek gets references of its own. They leave flight and
 * message in one step under unix_lock: the collector finds them either in the queue or held by us
 * (unix_gc.c).
 */
static int take_scm(struct message *m, struct unix_buffer *b)
{
	if (!b->scm || m->scm)
		return 0;
	if (m->flags & MSG_PEEK) {
		m->scm = scm_dup(b->scm);
		return m->scm ? 0 : -ENOMEM;
	}
	spin_lock(&unix_lock);
	m->scm = b->scm;
	b->scm = NULL;
	unix_files_leave(m->scm);
	spin_unlock(&unix_lock);
	return 0;
}

/*
 * What does not fit is thrown away, and MSG_TRUNC tells the program; with MSG_TRUNC among its flags
 * it learns the packet's true length (recv(2)). The return value counts either way.
 */
static ssize_t take_packet(struct unix_socket *u, struct unix_buffer *b, struct message *m)
{
	size_t n = MIN(m->it->count, (size_t)b->len), len = b->len;

	describe(m, b, true);
	if (copy_to_iter(b->data, n, m->it) != n)
		return -EFAULT;
	if (take_scm(m, b) != 0)
		return -ENOMEM;
	if (n < len)
		m->out_flags |= MSG_TRUNC;
	if (!(m->flags & MSG_PEEK))
		consumed(u, b, n, true);
	return m->flags & MSG_TRUNC ? len : n;
}

/*
 * May a read that has begun go on with b? Not behind descriptors, nor across other credentials:
 * the program could not tell which bytes they came with. That is why descriptors act as a border in
 * a stream that has none otherwise (unix(7), SCM_RIGHTS).
 */
static bool continues(struct unix_socket *u, const struct message *m, const struct unix_buffer *b)
{
	if (m->scm)
		return false;
	return !u->socket->pass_cred || memcmp(&m->cred, &b->cred, sizeof(b->cred)) == 0;
}

/* Bytes of a stream that are there now. */
/*
 * A peek walks along the queue and leaves it as it is, a read always takes the first buffer. After
 * a fault in the middle what was copied before counts as read.
 */
static ssize_t take_stream(struct unix_socket *u, struct message *m, bool begun)
{
	bool peek = m->flags & MSG_PEEK;
	struct unix_buffer *b = NULL;
	ssize_t done = 0;

	while (m->it->count && (b = next_buffer(u, peek ? b : NULL))) {
		size_t n = MIN(m->it->count, size_of(b)), copied;

		if ((begun || done) && !continues(u, m, b))
			break;
		copied = copy_to_iter(b->data + b->offset, n, m->it);
		if (!copied)
			return done ? done : -EFAULT;
		describe(m, b, !begun && !done);
		/* With the first byte that has arrived, not before: what is left for later keeps them. */
		if (take_scm(m, b) != 0)
			return done ? done : -ENOMEM;
		done += copied;
		if (!peek)
			consumed(u, b, copied, false);
		if (copied < n)
			return done;
	}
	return done;
}

/* For a wait: a receive would not wait again. */
static bool has_data(struct unix_socket *u)
{
	return READ_ONCE(u->queue_len) || u->no_recv || u->state == UNIX_CLOSED;
}

/* Nothing is there: what a receive returns (0: the end), or 1 to wait. */
static int no_data(struct unix_socket *u)
{
	int result = 1;

	if (u->type != SOCK_DGRAM && (u->state == UNIX_IDLE || u->state == UNIX_LISTENING))
		return u->type == SOCK_STREAM ? -EINVAL : -ENOTCONN;
	spin_lock(&unix_lock);
	if (u->queue_len) {
		/* A message came, and perhaps the end behind it, since we looked: look again. */
	} else if (u->reset) {
		u->reset = false;
		result = -ECONNRESET;
	} else if (u->no_recv) {
		result = 0;
	}
	spin_unlock(&unix_lock);
	return result;
}

/*
 * The queue is looked at under recv_lock, but nobody waits with it: a second reader with
 * MSG_DONTWAIT must not hang behind one that sleeps. So another reader may take what we were woken
 * for, and we go on waiting. With MSG_WAITALL a stream's reads may therefore be mixed with those of
 * others, as on Linux.
 */
ssize_t unix_recv(struct socket *s, struct message *m)
{
	struct unix_socket *u = s->private;
	u64 deadline = socket_deadline(s->recv_timeout);
	struct unix_buffer *b;
	ssize_t done = 0, n;
	int error;

	if (m->flags & MSG_OOB)
		return u->type == SOCK_STREAM ? -EINVAL : -EOPNOTSUPP;
	if (u->type == SOCK_STREAM && !m->it->count)
		return 0;
	for (;;) {
		mutex_lock(&u->recv_lock);
		b = next_buffer(u, NULL);
		n = !b			   ? 0 :
		    u->type == SOCK_STREAM ? take_stream(u, m, done) :
					     take_packet(u, b, m);
		mutex_unlock(&u->recv_lock);
		if (n < 0)
			return done ? done : n;
		done += n;
		if (b && !(u->type == SOCK_STREAM && m->flags & MSG_WAITALL && n && m->it->count &&
			   !m->scm && !(m->flags & MSG_PEEK)))
			return done;
		error = b ? 1 : no_data(u);
		if (error <= 0)
			return done ? done : error;
		if (m->flags & MSG_DONTWAIT)
			return done ? done : -EAGAIN;
		error = wait_event_until(&u->wait, has_data(u), WAIT_INTERRUPTIBLE, deadline);
		if (error)
			return done ? done : socket_wait_error(error, s->recv_timeout);
	}
}
