/*
 * Pseudo-terminals: the master's file, and the device below the slave's line discipline (pty.h).
 *
 * A pair has two buffers. What is typed (master_write) goes through tty_input() into the slave's
 * tty.buf, exactly as bytes of a serial line would. What the slave prints has passed its output
 * processing when it reaches slave_write(), which puts it into `out`, from where the master reads
 * it. The master itself has no line discipline: it is the wire, and sees CR LF, echo and all.
 *
 *	master_write() -> tty_input() -> tty.buf -> tty_read()	slave
 *	master_read()  <- out <- slave_write() <- tty_output() <- tty_write()
 *
 * One object holds both sides, and one mutex, tty.lock, both buffers. Linux has two ttys with a
 * line discipline each; only ioctls that a program makes on the master tell the difference.
 *
 * Life. The pair is made by opening /dev/ptmx and stays locked (TIOCSPTLCK) until the program has
 * given the slave its owner and mode: grantpt(3), unlockpt(3). References are counted in tty.refs:
 * the master's file has one, each file of the slave, and a session whose terminal it is. The last
 * one frees it, and its number with it; so /dev/pts/N means another pair afterwards, which `ino`
 * tells apart (devpts.c).
 *
 * The two ends notice each other's end in different ways (pty(7), tty_ioctl(4)). When the master
 * closes, the slave is hung up: reads give end of file, writes EIO, the session SIGHUP. When the
 * last file of the slave closes, the master's reads give EIO once all output has been read, and
 * poll says POLLHUP; but the slave can be opened again, and then all is as before.
 */
#include "06-posix/tty/pty.h"
#include "common/abi/ioctl.h"
#include "common/printk.h"
#include "common/string.h"
#include "01-memory/kmem.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "05-vfs/dentry.h"
#include "05-vfs/inode.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

/* Protects the list, and master_open for those who search it. */
static DEFINE_SPINLOCK(pty_lock, RANK_LEAF);
static LIST_HEAD(ptys);			/* sorted by index */

static struct pty *to_pty(struct tty *tty)
{
	return container_of(tty, struct pty, tty);
}

/*
 * Called by the line discipline with tty.lock held (struct tty_ops), so head and tail need no other
 * protection. Who looks without the lock (poll, the conditions of waits) reads each of them once
 * and takes the difference for a hint.
 */

/* ---- below the slave ---- */

static size_t slave_room(struct tty *tty)
{
	struct pty *p = to_pty(tty);

	return PTY_OUT_SIZE - (READ_ONCE(p->head) - READ_ONCE(p->tail));
}

/*
 * Never blocks: what has no room is not taken; tty_write() waits until master_read() makes some.
 * Waking only when the buffer was empty is enough for readers that sleep: none of them does while
 * something is there.
 */
static size_t slave_write(struct tty *tty, const u8 *buf, size_t n)
{
	struct pty *p = to_pty(tty);
	bool was_empty = p->head == p->tail;

	n = MIN(n, slave_room(tty));
	for (size_t i = 0; i < n; i++)
		p->out[(p->head + i) % PTY_OUT_SIZE] = buf[i];
	WRITE_ONCE(p->head, p->head + n);
	if (was_empty && n)
		wake_up_poll(&p->master_readable, POLL_READABLE);
	return n;
}

static void slave_discard(struct tty *tty)
{
	struct pty *p = to_pty(tty);

	WRITE_ONCE(p->tail, p->head);
}

static void slave_input_room(struct tty *tty)
{
	wake_up_poll(&to_pty(tty)->master_writable, POLL_WRITABLE);
}

/*
 * Packet mode (TIOCPKT, tty_ioctl(4)) is how rlogind and screen learn what the slave's programs do
 * to the terminal: each read of the master begins with a byte that is TIOCPKT_DATA (0), or the
 * bits of events since the last one, then without data.
 */
static void slave_event(struct tty *tty, unsigned bits)
{
	struct pty *p = to_pty(tty);

	if (!p->packet)
		return;
	/* The opposite of an event that has not been read yet replaces it. */
	if (bits & (TIOCPKT_STOP | TIOCPKT_START))
		p->packet_events &= ~(TIOCPKT_STOP | TIOCPKT_START);
	if (bits & (TIOCPKT_NOSTOP | TIOCPKT_DOSTOP))
		p->packet_events &= ~(TIOCPKT_NOSTOP | TIOCPKT_DOSTOP);
	p->packet_events |= bits;
	wake_up_poll(&p->master_readable, POLL_READABLE | POLLPRI);
}

static void slave_first_open(struct tty *tty)
{
	to_pty(tty)->slave_seen = true;
}

/* open_count is 0 by now, which slave_closed() looks at, so the sleepers find EIO and POLLHUP. */
static void slave_last_close(struct tty *tty)
{
	struct pty *p = to_pty(tty);

	wait_queue_wake(&p->master_readable, 1, POLL_READABLE | POLLHUP);
	wake_up_poll(&p->master_writable, POLL_WRITABLE | POLLHUP);
}

/*
 * The count is 0, but the list may still lead somebody here: pty_next() takes a reference only if
 * there is still one. Under pty_lock, so nobody is looking at p when it has been taken off.
 */
static void pty_free(struct tty *tty)
{
	struct pty *p = to_pty(tty);

	spin_lock(&pty_lock);
	list_del(&p->link);
	spin_unlock(&pty_lock);
	kfree(p->out);
	kfree(p);
}

static const struct tty_ops pty_slave_ops = {
	.write = slave_write,
	.room = slave_room,
	.discard_output = slave_discard,
	.input_room = slave_input_room,
	.event = slave_event,
	.first_open = slave_first_open,
	.last_close = slave_last_close,
	.free = pty_free,
};

/* ---- the pair ---- */

/*
 * Insert under the lowest free number: 0 or -ENOSPC. The list is sorted, so the first gap is where
 * an index differs from its place.
 */
static int number(struct pty *p)
{
	struct list_head *at = &ptys;
	struct pty *q;
	int n = 0;

	spin_lock(&pty_lock);
	list_for_each_entry(q, &ptys, link) {
		if (q->index != n)
			break;
		at = &q->link;
		n++;
	}
	if (n < PTY_MAX) {
		p->index = n;
		p->tty.rdev = MKDEV(PTY_MAJOR, n);
		snprintf(p->tty.name, sizeof(p->tty.name), "pts/%d", n);
		/* From here on others find it. */
		list_add(&p->link, at);
	}
	spin_unlock(&pty_lock);
	return n < PTY_MAX ? 0 : -ENOSPC;
}

/*
 * Not those whose master has closed: their slaves cannot be opened any more, /dev/pts hides them.
 */
struct pty *pty_next(int index)
{
	struct pty *p, *found = NULL;

	spin_lock(&pty_lock);
	list_for_each_entry(p, &ptys, link)
		if (p->index >= index && p->master_open && ref_get_unless_zero(&p->tty.refs)) {
			found = p;
			break;
		}
	spin_unlock(&pty_lock);
	return found;
}

struct pty *pty_find(int index)
{
	struct pty *p = pty_next(index);

	if (!p || p->index == index)
		return p;
	tty_put(&p->tty);
	return NULL;
}

/*
 * A pair with one reference, the master's. The caller's fsuid and fsgid own the node (devpts(5)).
 */
static struct pty *pty_alloc(void)
{
	struct pty *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return ERR_PTR(-ENOMEM);
	p->out = kmalloc(PTY_OUT_SIZE, GFP_KERNEL);
	if (!p->out) {
		kfree(p);
		return ERR_PTR(-ENOMEM);
	}
	tty_init(&p->tty, &pty_slave_ops, 0);
	p->tty.is_pty = true;
	p->tty.termios.c_cflag = B38400 | CS8 | CREAD;
	p->locked = true;
	p->master_open = true;
	p->uid = current_cred()->fsuid;
	p->gid = current_cred()->fsgid;
	p->ino = inode_next_number() + DEVPTS_INO_FIRST;
	devpts_defaults(&p->gid, &p->mode);
	wait_queue_init(&p->master_readable);
	wait_queue_init(&p->master_writable);
	if (number(p) != 0) {
		kfree(p->out);
		kfree(p);
		return ERR_PTR(-ENOSPC);
	}
	return p;
}

int ptmx_open(struct inode *i, struct file *f)
{
	struct pty *p = pty_alloc();

	if (IS_ERR(p))
		return PTR_ERR(p);
	f->private = p;
	f->ops = &ptmx_ops;
	return 0;
}

/*
 * EIO while locked: until the master's owner has called grantpt(3) and unlockpt(3) the node may
 * have the wrong mode, and whoever opened it then could read what is typed there later.
 */
int pts_open(int index, struct file *f)
{
	struct pty *p = pty_find(index);
	int error;

	if (!p)
		return -ENXIO;
	error = p->locked || !p->master_open ? -EIO :
		tty_open_file(&p->tty, f, !(f->flags & O_NOCTTY));
	if (error)
		tty_put(&p->tty);
	else if (!READ_ONCE(p->master_open))
		tty_hangup(&p->tty, false);	/* master_release() may have been too early for f */
	return error;
}

/* ---- the master's file ---- */

/*
 * Before the slave has been opened for the first time its open_count is 0, too, but that is no end:
 * a terminal emulator may read the master before its shell has opened the slave.
 */
static bool slave_closed(const struct pty *p)
{
	return READ_ONCE(p->slave_seen) && !READ_ONCE(p->tty.open_count);
}

static bool master_has_data(const struct pty *p)
{
	return READ_ONCE(p->head) != READ_ONCE(p->tail) || READ_ONCE(p->packet_events) ||
	       slave_closed(p);
}

/* Copy out what the slave has printed; bytes or -EFAULT. Lock held. */
static ssize_t take_output(struct pty *p, struct iov_iter *it)
{
	ssize_t done = 0;

	while (p->tail != p->head && it->count) {
		u32 at = p->tail % PTY_OUT_SIZE;
		size_t n = MIN(it->count, (size_t)MIN(p->head - p->tail, PTY_OUT_SIZE - at));
		size_t copied = copy_to_iter(p->out + at, n, it);

		WRITE_ONCE(p->tail, p->tail + copied);
		done += copied;
		if (copied < n)
			return done ? done : -EFAULT;
	}
	return done;
}

/* Lock held; there is an event or data. The events are forgotten only when the program has them. */
static ssize_t read_packet(struct pty *p, struct iov_iter *it)
{
	u8 type = p->packet_events;
	ssize_t n;

	if (copy_to_iter(&type, 1, it) != 1)
		return -EFAULT;
	p->packet_events = 0;
	n = type == TIOCPKT_DATA ? take_output(p, it) : 0;
	return n < 0 ? n : n + 1;
}

/*
 * What is in the buffer is read before the slave's end is noticed: the last words of a program that
 * has exited must not be lost. Each read makes room for writers of the slave, which may be many.
 */
static ssize_t master_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pty *p = f->private;
	ssize_t done;
	int error;

	if (!it->count)
		return 0;
	for (;;) {
		mutex_lock(&p->tty.lock);
		if (p->head != p->tail || p->packet_events)
			break;
		mutex_unlock(&p->tty.lock);
		if (slave_closed(p))
			return -EIO;
		if (io_flags(f, it) & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event(&p->master_readable, master_has_data(p), WAIT_INTERRUPTIBLE);
		if (error)
			return error;
	}
	done = p->packet ? read_packet(p, it) : take_output(p, it);
	mutex_unlock(&p->tty.lock);
	wake_up_poll(&p->tty.writable, POLL_WRITABLE);
	return done;
}

/*
 * In pieces that fit on the kernel's stack, each under the lock: two writers may mix, as two
 * keyboards would, and readers get a chance in between.
 *
 * A signal character is acted on before the write returns, so `write(master, "\3", 1)` has sent
 * SIGINT when it is done, unless it has to wait behind lines that nobody has read.
 */
static ssize_t master_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pty *p = f->private;
	ssize_t done = 0;
	u8 chunk[256];
	int error = 0;

	while (it->count && !error) {
		size_t n = copy_from_iter(chunk, MIN(it->count, sizeof(chunk)), it), sent = 0;

		if (!n)
			error = -EFAULT;
		while (sent < n && !error) {
			mutex_lock(&p->tty.lock);
			sent += tty_input(&p->tty, chunk + sent, n - sent);
			mutex_unlock(&p->tty.lock);
			if (sent < n && io_flags(f, it) & O_NONBLOCK)
				error = -EAGAIN;
			else if (sent < n)
				error = wait_event(&p->master_writable, tty_input_room(&p->tty),
						   WAIT_INTERRUPTIBLE);
		}
		done += sent;
	}
	return done ? done : error;
}

/* POLLHUP without POLLIN once all is read: poll(2) says that both may come together before. */
static unsigned master_poll(struct file *f, struct poll_table *pt)
{
	struct pty *p = f->private;
	unsigned events = 0;

	poll_wait(&p->master_readable, pt);
	poll_wait(&p->master_writable, pt);
	if (READ_ONCE(p->head) != READ_ONCE(p->tail))
		events |= POLL_READABLE;
	if (READ_ONCE(p->packet_events))
		events |= POLL_READABLE | POLLPRI;
	if (slave_closed(p))
		events |= POLLHUP;
	if (tty_input_room(&p->tty))
		events |= POLL_WRITABLE;
	return events;
}

/*
 * By its path if that leads to this pair, so that the file has an inode: fstat(2), ttyname(3) and
 * /proc/self/fd then say what they say for other terminals. If devpts is not mounted there, or the
 * caller has another root, a file without one does.
 */
struct file *pts_file(struct pty *p, int flags)
{
	char name[32];
	struct file *f;

	if (p->locked)
		return ERR_PTR(-EIO);
	snprintf(name, sizeof(name), "/dev/pts/%d", p->index);
	f = file_open(AT_FDCWD, name, flags, 0);
	if (!IS_ERR(f) && f->private == &p->tty)
		return f;
	if (!IS_ERR(f))
		file_put(f);
	tty_get(&p->tty);
	return tty_file_alloc(&p->tty, flags);
}

/*
 * TIOCGPTPEER: the slave by its master and not by its name, which may mean another pair where
 * another devpts is mounted (ioctl_tty(2)). Flags that make or change files are dropped.
 */
static long open_peer(struct pty *p, unsigned flags)
{
	struct file *f = pts_file(p, flags & (O_ACCMODE | O_NOCTTY | O_NONBLOCK));

	return IS_ERR(f) ? PTR_ERR(f) : fd_open(f, flags & O_CLOEXEC);
}

static long set_packet(struct pty *p, const int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	mutex_lock(&p->tty.lock);
	p->packet = on;
	p->packet_events = 0;
	mutex_unlock(&p->tty.lock);
	return 0;
}

static long set_locked(struct pty *p, const int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	p->locked = on;
	return 0;
}

static long put_number(long n, u64 arg)
{
	return n < 0 ? n : put_user((int)n, (int __user *)arg);
}

/*
 * Most commands mean the slave, whichever end they are made on: a terminal emulator sets the
 * size of the window and asks for the foreground group on the master. Those about queues mean
 * this end: its input (TCIFLUSH, FIONREAD) is the slave's output.
 */
static long master_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	struct pty *p = f->private;
	long result;
	int pgid;

	switch (cmd) {
	case TIOCGPTN:
		return put_number(p->index, arg);
	case TIOCSPTLCK:
		return set_locked(p, (const int __user *)arg);
	case TIOCGPTLCK:
		return put_number(p->locked, arg);
	case TIOCPKT:
		return set_packet(p, (const int __user *)arg);
	case TIOCGPKT:
		return put_number(p->packet, arg);
	case TIOCGPTPEER:
		return open_peer(p, arg);
	case TIOCSCTTY:
		return tty_make_controlling(&p->tty, arg == 1 && capable(CAP_SYS_ADMIN),
					    FILE_READABLE(f) || capable(CAP_SYS_ADMIN));
	case TIOCGPGRP:
		return put_number(tty_get_foreground(&p->tty, true), arg);
	case TIOCSPGRP:
		return get_user(pgid, (const int __user *)arg) ? -EFAULT :
		       tty_set_foreground(&p->tty, pgid);
	case TIOCGSID:
		return put_number(tty_get_session(&p->tty, true), arg);
	case FIONREAD:
		return put_number(p->head - p->tail, arg);
	case TIOCOUTQ:
		return put_number(0, arg);
	case TCFLSH:
		if (arg > TCIOFLUSH)
			return -EINVAL;
		mutex_lock(&p->tty.lock);
		if (arg != TCIFLUSH)
			tty_flush_input(&p->tty);
		if (arg != TCOFLUSH)
			tty_flush_output(&p->tty);
		mutex_unlock(&p->tty.lock);
		return 0;
	}
	result = tty_common_ioctl(&p->tty, cmd, arg);
	return result == -ENOIOCTLCMD_ ? -ENOTTY : result;
}

/*
 * master_open goes first and under pty_lock, so that nobody finds the pair by number any more; then
 * the hangup. A pts_open() that got in between looks at master_open once more (see there).
 */
static void master_release(struct file *f)
{
	struct pty *p = f->private;

	if (!p)
		return;
	spin_lock(&pty_lock);
	p->master_open = false;
	spin_unlock(&pty_lock);
	tty_hangup(&p->tty, false);
	tty_put(&p->tty);
}

const struct file_ops ptmx_ops = {
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.ioctl = master_ioctl,
	.release = master_release,
};

static int open_pts_device(struct inode *i, struct file *f)
{
	return pts_open(MINOR(i->rdev), f);
}

CHAR_DEVICE(ptmx, .major = 5, .first_minor = 2, .count = 1, .name = "ptmx",
	    .mode = S_IFCHR | 0666, .ops = &ptmx_ops, .open = ptmx_open);
CHAR_DEVICE(pts, .major = PTY_MAJOR, .first_minor = 0, .count = PTY_MAX, .mode = S_IFCHR | 0620,
	    .ops = &tty_file_ops, .open = open_pts_device);
