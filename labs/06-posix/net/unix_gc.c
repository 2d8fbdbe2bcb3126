/*
 * Sockets that nobody can reach any more: a socket may be on its way in a message that waits in
 * another socket's queue, and that one, directly or through others, in the first one's. When all
 * their descriptors are closed each is still held by a message, and would be so for ever.
 *
 * A socket in flight is *suspect* if messages hold all references to its file. It is reachable all
 * the same if one of these messages waits in a socket that is not suspect, or that is reachable
 * itself; what is not, can be received by nobody: its queue is thrown away, and with that go the
 * references. (unix(7), BUGS; the idea is that of Linux's net/unix/garbage.c.)
 *
 * It is all done with unix_lock held, under which messages come into queues and leave them: so the
 * references that are counted stay where they are.
 *
 * Why references are not enough: send socket A over B and B over A (each into the other's queue, or
 * one into its own), then close both. Each file has one reference, from a message in the other's
 * queue; neither count ever comes to zero. This is the problem that reference counting has with
 * circles anywhere, and the answer is the usual one, a collector that marks what can be reached.
 * The roots are the references that no message holds: descriptors, calls under way, and messages
 * that are being sent or have just been received. They need not be found one by one: a file's count
 * minus its messages says whether there are any.
 *
 * A look costs time in proportion to what is in flight, with a spinlock held. So it is made only
 * when a local socket is closed while sockets are in flight, which is when a circle can become
 * unreachable, and by senders when their number has doubled since the last look. That bounds the
 * garbage a program can pile up by never closing anything more; how many files a user may have in
 * flight at all is the affair of too_many() in message.c.
 */
#include "06-posix/net/unix.h"
#include "common/atomic.h"

#define COLLECT_MIN	256	/* files in flight that are not worth looking for more often */

/*
 * How often one call looks again for what became unreachable by closing what it found. What is left
 * after that waits for the next close.
 */
#define ROUNDS		4

/* All below: unix_lock. */
static LIST_HEAD(in_flight);		/* by flight_link: sockets that are in a queued message */
static unsigned files_in_flight;	/* only sockets; each counts once for each message */
static unsigned collect_at = COLLECT_MIN;	/* at so many a sender looks for garbage */
static bool collecting;			/* somebody sweeps, perhaps without the lock just now */
static bool again;			/* a close came meanwhile: he shall look once more */

/* The local socket that f is, or NULL. */
static struct unix_socket *unix_of(struct file *f)
{
	struct socket *s = file_socket(f);

	return s && s->family == AF_UNIX ? s->private : NULL;
}

void unix_files_enter(struct scm *scm)
{
	for (int i = 0; i < scm->file_count; i++) {
		struct unix_socket *u = unix_of(scm->files[i]);

		if (!u)
			continue;
		u->file = scm->files[i];
		if (u->flights++ == 0)
			list_add_tail(&u->flight_link, &in_flight);
		files_in_flight++;
	}
}

void unix_files_leave(struct scm *scm)
{
	for (int i = 0; i < scm->file_count; i++) {
		struct unix_socket *u = unix_of(scm->files[i]);

		if (!u)
			continue;
		if (--u->flights == 0)
			list_del(&u->flight_link);
		files_in_flight--;
	}
}

/*
 * Call fn for each socket that waits in u: in its queue, or in those of connections that it has yet
 * to accept.
 */
static void for_each_inside(struct unix_socket *u,
			    void (*fn)(struct unix_socket *inside, struct list_head *list),
			    struct list_head *list)
{
	struct unix_socket *embryo, *inside;
	struct unix_buffer *b;

	list_for_each_entry(b, &u->queue, link)
		for (int i = 0; b->scm && i < b->scm->file_count; i++) {
			inside = unix_of(b->scm->files[i]);
			if (inside)
				fn(inside, list);
		}
	list_for_each_entry(embryo, &u->accept_queue, accept_link)
		for_each_inside(embryo, fn, list);
}

/* One of the messages that hold u waits in a suspect. */
static void discount(struct unix_socket *u, struct list_head *unused)
{
	u->outside--;
}

/* u can be reached: so can what is inside, later. */
static void clear(struct unix_socket *u, struct list_head *reachable)
{
	if (!u->suspect)
		return;
	u->suspect = false;
	list_add_tail(&u->collect_link, reachable);
}

/*
 * Leave only those suspect that nobody can reach.
 *
 * First pass: suspect is who has no reference but from messages. Second: take from each one's
 * messages those that wait in suspects; if some are left, they wait where somebody can receive
 * them. Third: whoever is no longer suspect makes what waits in it reachable as well, and so on. A
 * socket that is not suspect needs no clearing itself: what waits in it still counts as `outside`.
 *
 * Nothing can turn a suspect into a reachable socket meanwhile: for that a message would have to be
 * received, which takes it out of its queue under unix_lock (take_scm(); a peek takes references of
 * its own, but from a queue whose socket is in use, and so not suspect).
 */
static void judge(void)
{
	LIST_HEAD(reachable);
	struct unix_socket *u;

	list_for_each_entry(u, &in_flight, flight_link) {
		u->suspect = ref_read(&u->file->refs) == (int)u->flights;
		u->outside = u->flights;
	}
	list_for_each_entry(u, &in_flight, flight_link)
		if (u->suspect)
			for_each_inside(u, discount, NULL);
	list_for_each_entry(u, &in_flight, flight_link)
		if (u->outside)
			clear(u, &reachable);
	while (!list_empty(&reachable)) {
		u = list_first_entry(&reachable, struct unix_socket, collect_link);
		list_del(&u->collect_link);
		for_each_inside(u, clear, &reachable);
	}
}

/*
 * Take the garbage's messages off, for the caller to free without the lock: closing files may
 * sleep, and comes back here. Once they are freed the references that they hold are gone, and the
 * sockets are released like any others.
 */
static void sweep(struct list_head *doomed)
{
	struct unix_socket *u, *embryo;
	LIST_HEAD(garbage);

	judge();
	list_for_each_entry(u, &in_flight, flight_link)
		if (u->suspect)
			list_add_tail(&u->collect_link, &garbage);
	/* They stay as long as the messages do that hold them. */
	while (!list_empty(&garbage)) {
		u = list_first_entry(&garbage, struct unix_socket, collect_link);
		list_del(&u->collect_link);
		unix_take_queue(u, doomed);
		list_for_each_entry(embryo, &u->accept_queue, accept_link)
			unix_take_queue(embryo, doomed);
	}
	collect_at = MAX(2 * files_in_flight, COLLECT_MIN);
}

void unix_collect(bool many)
{
	LIST_HEAD(doomed);

	spin_lock(&unix_lock);
	again = true;
	if (!files_in_flight || (many && files_in_flight < collect_at) || collecting) {
		spin_unlock(&unix_lock);
		return;
	}
	collecting = true;
	/* Freeing messages closes sockets, which calls us again. */
	for (int i = 0; i < ROUNDS && again && files_in_flight; i++) {
		again = false;
		sweep(&doomed);
		spin_unlock(&unix_lock);
		unix_free_buffers(&doomed);
		list_init(&doomed);
		spin_lock(&unix_lock);
	}
	collecting = false;
	spin_unlock(&unix_lock);
}
