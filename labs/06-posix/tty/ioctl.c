/*
 * Settings and commands of terminals: ioctl_tty(2), tcsetattr(3).
 *
 * Three groups: those that the master of a pseudo-terminal shares with its slave
 * (tty_common_ioctl), those about sessions and the foreground (job_ioctl, carried out by
 * job_control.c), and those about one end's queues.
 *
 * Whatever changes the terminal for others first asks tty_check_access(tty, SIGTTOU): a job in the
 * background that sets the terminal to raw mode would spoil it for the one in the foreground. So
 * it is stopped instead, unless it blocks or ignores SIGTTOU: that is how a shell takes the
 * terminal back (POSIX.1-2017 XBD 11.1.4). Asking is free, and so is setting the window's size, as
 * on Linux.
 *
 * Speeds mean nothing here: the bits in c_cflag are kept as they are set, and the port has
 * whatever the firmware set. TCGETS2 always says 38400.
 */
#include "06-posix/tty/tty.h"
#include "common/abi/ioctl.h"
#include "common/string.h"
#include "02-usermode/timer.h"
#include "02-usermode/uaccess.h"
#include "03-syscalls/cred.h"
#include "06-posix/job/job.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

/*
 * TCGETS2 has the same fields, and two speeds as numbers behind them.
 */
static long get_termios(struct tty *tty, void __user *arg, bool two)
{
	struct termios2 t = { 0 };

	mutex_lock(&tty->lock);
	memcpy(&t, &tty->termios, sizeof(struct termios));
	mutex_unlock(&tty->lock);
	t.c_ispeed = t.c_ospeed = 38400;
	return copy_to_user(arg, &t, two ? sizeof(t) : sizeof(struct termios)) ? -EFAULT : 0;
}

/*
 * tcdrain(3): until the device has sent all. Looked at again every 10 ms, because a device tells of
 * room in its buffer (writable), not of the last byte's departure. A device without `unsent` has
 * sent what it has taken: a pseudo-terminal's output is out when the master can read it.
 */
int tty_drain(struct tty *tty)
{
	int error = 0;

	if (!tty->ops->unsent)
		return 0;
	while (tty->ops->unsent(tty) && !error) {
		error = wait_event_until(&tty->writable, !tty->ops->unsent(tty), WAIT_INTERRUPTIBLE,
					 clock_monotonic() + 10 * NSEC_PER_MSEC);
		if (error == -ETIMEDOUT)
			error = 0;
	}
	return error;
}

/* A packet-mode master is told when ^S and ^Q gain or lose their meaning. */
static unsigned flow_event(const struct termios *old, const struct termios *new)
{
	bool was = old->c_iflag & IXON && old->c_cc[VSTOP] == 19 && old->c_cc[VSTART] == 17;
	bool is = new->c_iflag & IXON && new->c_cc[VSTOP] == 19 && new->c_cc[VSTART] == 17;

	return was == is ? 0 : is ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP;
}

/* tty->lock held. Whoever sleeps because of the old settings is told of the new ones. */
static void apply_termios(struct tty *tty, const struct termios *new)
{
	struct termios old = tty->termios;

	tty->termios = *new;
	if ((old.c_lflag ^ new->c_lflag) & ICANON)
		tty_canon_changed(tty);
	if (!(new->c_iflag & IXON) && old.c_iflag & IXON)
		tty_start(tty);
	if (tty->ops->event && flow_event(&old, new))
		tty->ops->event(tty, flow_event(&old, new));
	/* VMIN, VTIME or the mode may end a wait. */
	wake_up_all(&tty->readable);
}

/*
 * TCSETS at once, TCSETSW after output has drained, TCSETSF also throws input away that nobody has
 * read: what was typed at the shell is no answer to a password prompt (tcsetattr(3), TCSAFLUSH).
 * Draining may sleep, so it comes before the lock; output that another program adds meanwhile
 * comes under the new settings.
 */
static long set_termios(struct tty *tty, unsigned cmd, const void __user *arg)
{
	bool two = cmd >= TCSETS2, flush = cmd == TCSETSF || cmd == TCSETSF2;
	bool drain = flush || cmd == TCSETSW || cmd == TCSETSW2;
	struct termios2 t;
	int error = tty_check_access(tty, SIGTTOU);

	if (error)
		return error;
	if (copy_from_user(&t, arg, two ? sizeof(t) : sizeof(struct termios)))
		return -EFAULT;
	if (drain)
		error = tty_drain(tty);
	if (error)
		return error;
	mutex_lock(&tty->lock);
	if (flush)
		tty_flush_input(tty);
	apply_termios(tty, (const struct termios *)&t);
	mutex_unlock(&tty->lock);
	return 0;
}

void tty_set_winsize(struct tty *tty, const struct winsize *w)
{
	/*
	 * Only a change is told: a handler of SIGWINCH may set the size that it has found.
	 */
	bool changed;

	mutex_lock(&tty->lock);
	changed = memcmp(&tty->winsize, w, sizeof(*w)) != 0;
	tty->winsize = *w;
	mutex_unlock(&tty->lock);
	if (changed)
		tty_signal(tty, SIGWINCH);
}

static long get_winsize(struct tty *tty, struct winsize __user *arg)
{
	struct winsize w;

	mutex_lock(&tty->lock);
	w = tty->winsize;
	mutex_unlock(&tty->lock);
	return put_user(w, arg);
}

static long set_winsize(struct tty *tty, const struct winsize __user *arg)
{
	struct winsize w;

	if (get_user(w, arg))
		return -EFAULT;
	tty_set_winsize(tty, &w);
	return 0;
}

/* tcflush(3). */
static long flush(struct tty *tty, unsigned what)
{
	int error = tty_check_access(tty, SIGTTOU);

	if (error)
		return error;
	if (what > TCIOFLUSH)
		return -EINVAL;
	mutex_lock(&tty->lock);
	if (what != TCOFLUSH)
		tty_flush_input(tty);
	if (what != TCIFLUSH)
		tty_flush_output(tty);
	mutex_unlock(&tty->lock);
	return 0;
}

/*
 * tcflow(3). TCOOFF and TCOON do what ^S and ^Q do; TCIOFF and TCION send these characters to the
 * other side, in the hope that it heeds them.
 */
static long flow(struct tty *tty, unsigned what)
{
	int error = tty_check_access(tty, SIGTTOU);
	u8 c;

	if (error)
		return error;
	mutex_lock(&tty->lock);
	switch (what) {
	case TCOOFF:
		tty_stop(tty);
		break;
	case TCOON:
		tty_start(tty);
		break;
	case TCIOFF:
	case TCION:
		c = TTY_CC(tty, what == TCIOFF ? VSTOP : VSTART);
		if (c != DISABLED_CHAR)
			tty->ops->write(tty, &c, 1);
		break;
	default:
		error = -EINVAL;
	}
	mutex_unlock(&tty->lock);
	return error;
}

/*
 * tcsendbreak(3), and tcdrain(3), which is TCSBRK with a non-zero argument: no line to break here.
 */
static long send_break(struct tty *tty)
{
	int error = tty_check_access(tty, SIGTTOU);

	return error ? error : tty_drain(tty);
}

/*
 * TIOCSTI: pretend that a character was typed. On one's own terminal only: elsewhere it would
 * run commands as whoever sits there.
 */
static long fake_input(struct tty *tty, const u8 __user *arg)
{
	struct tty *mine = current_tty();
	u8 c;

	if (mine)
		tty_put(mine);		/* only compared below */
	if (mine != tty && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, arg))
		return -EFAULT;
	mutex_lock(&tty->lock);
	tty_input(tty, &c, 1);
	mutex_unlock(&tty->lock);
	return 0;
}

/* TIOCEXCL: no more opens but root's, until the last close (tty_release). */
static long set_exclusive(struct tty *tty, bool on)
{
	mutex_lock(&tty->lock);
	tty->exclusive = on;
	mutex_unlock(&tty->lock);
	return 0;
}

/* The result of most questions: an int for user memory, or an errno. */
static long put_number(long n, u64 arg)
{
	return n < 0 ? n : put_user((int)n, (int __user *)arg);
}

static long set_foreground(struct tty *tty, const int __user *arg)
{
	int pgid;

	if (get_user(pgid, arg))
		return -EFAULT;
	return tty_set_foreground(tty, pgid);
}

/* -ENOIOCTLCMD_ stays inside: "not one of mine, ask the next". -ENOTTY would be an answer. */
long tty_common_ioctl(struct tty *tty, unsigned cmd, u64 arg)
{
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case TCGETS:
	case TCGETS2:
		return get_termios(tty, p, cmd == TCGETS2);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_termios(tty, cmd, p);
	case TIOCGWINSZ:
		return get_winsize(tty, p);
	case TIOCSWINSZ:
		return set_winsize(tty, p);
	case TCSBRK:
	case TCSBRKP:
		return send_break(tty);
	case TIOCEXCL:
	case TIOCNXCL:
		return set_exclusive(tty, cmd == TIOCEXCL);
	case TIOCGEXCL:
		return put_number(tty->exclusive, arg);
	case TIOCGETD:
		return put_number(0, arg);
	default:
		return -ENOIOCTLCMD_;
	}
}

/*
 * `false` below: only about one's own terminal, else ENOTTY. That is how isatty-like checks and
 * shells find out whether they have job control (tcgetpgrp(3)).
 */
static long job_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	struct tty *tty = f->private;

	switch (cmd) {
	case TIOCSCTTY:
		return tty_make_controlling(tty, arg == 1 && capable(CAP_SYS_ADMIN),
					    FILE_READABLE(f) || capable(CAP_SYS_ADMIN));
	case TIOCNOTTY:
		return tty_give_up(tty);
	case TIOCGPGRP:
		return put_number(tty_get_foreground(tty, false), arg);
	case TIOCSPGRP:
		return set_foreground(tty, (int __user *)arg);
	case TIOCGSID:
		return put_number(tty_get_session(tty, false), arg);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(tty, false);
		return 0;
	default:
		return -ENOIOCTLCMD_;
	}
}

/* FIONREAD: the bytes that reads will give. An EOF ends a line but is no byte of it. */
static long bytes_inside(struct tty *tty)
{
	long n;

	mutex_lock(&tty->lock);
	n = tty_available(tty);
	if (TTY_L(tty, ICANON))
		for (u32 i = tty->tail; i != tty->canon; i++)
			n -= tty_ends_line(tty, i) && *tty_char(tty, i) == DISABLED_CHAR;
	mutex_unlock(&tty->lock);
	return n;
}

/* After a hangup only TIOCSPGRP answers ENOTTY instead of EIO, which shells know how to take. */
long tty_ioctl(struct file *f, unsigned cmd, u64 arg)
{
	struct tty *tty = f->private;
	long result;

	if (tty_hung_up(f))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	result = tty_common_ioctl(tty, cmd, arg);
	if (result == -ENOIOCTLCMD_)
		result = job_ioctl(f, cmd, arg);
	if (result != -ENOIOCTLCMD_)
		return result;
	switch (cmd) {
	case TCFLSH:
		return flush(tty, arg);
	case TCXONC:
		return flow(tty, arg);
	case FIONREAD:
		return put_number(bytes_inside(tty), arg);
	case TIOCOUTQ:
		return put_number(tty->ops->unsent ? tty->ops->unsent(tty) : 0, arg);
	case TIOCSTI:
		return fake_input(tty, (const u8 __user *)arg);
	/* Modem lines: a serial terminal is always connected, a pseudo-terminal has none. */
	case TIOCMGET:
		if (tty->is_pty)
			return -ENOTTY;
		return put_number(TIOCM_DTR | TIOCM_RTS | TIOCM_CAR | TIOCM_CTS | TIOCM_DSR, arg);
	default:
		return -ENOTTY;
	}
}
