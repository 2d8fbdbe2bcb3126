/*
 * Terminals as objects: initial settings, references, hangup.
 *
 * A hangup says that whoever sat at this terminal is gone. Programs that still have it open must
 * neither go on writing to the next user's screen nor read his input; so their files die, and
 * the session that belonged to the terminal loses it. (POSIX.1-2017 XBD 11.1.10 and 11.1.11;
 * vhangup(2).)
 */
#include "06-posix/tty/tty.h"
#include "common/string.h"
#include "06-posix/job/job.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

/* Linux's tty_std_termios and INIT_C_CC. */
const struct termios tty_default_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {
		[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4, [VMIN] = 1,
		[VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15,
		[VWERASE] = 23, [VLNEXT] = 22,
	},
};

void tty_init(struct tty *tty, const struct tty_ops *ops, u32 rdev)
{
	ref_init(&tty->refs, 1);
	tty->ops = ops;
	tty->rdev = rdev;
	mutex_init(&tty->lock, "tty", RANK_TTY);
	tty->termios = tty_default_termios;
	wait_queue_init(&tty->readable);
	wait_queue_init(&tty->writable);
}

void tty_get(struct tty *tty)
{
	ref_get(&tty->refs);
}

void tty_put(struct tty *tty)
{
	if (ref_put(&tty->refs) && tty->ops->free)
		tty->ops->free(tty);
}

/*
 * tty->foreground is a number that is held, tty->foreground->group the group that bears it now, or
 * NULL: a job in the foreground may end without anybody having called tcsetpgrp(3).
 */
void tty_signal(struct tty *tty, int sig)
{
	spin_lock(&tree_lock);
	if (tty->foreground && tty->foreground->group)
		group_signal(tty->foreground->group, sig);
	spin_unlock(&tree_lock);
}

/*
 * First the files die, then the session is told, then the sleepers are woken: who wakes up finds
 * tty_hung_up() true, and a handler of SIGHUP finds its terminal dead. Settings go back to the
 * default for the next user, but for the line's own speed and parity.
 */
void tty_hangup(struct tty *tty, bool session_exits)
{
	struct tty *detached;
	unsigned cflag;

	mutex_lock(&tty->lock);
	tty->hangups++;
	tty->stopped = false;
	cflag = tty->termios.c_cflag;
	tty->termios = tty_default_termios;
	tty->termios.c_cflag = cflag;
	/* what was written before still goes out: the master of a pair reads it */
	tty_flush_input(tty);
	mutex_unlock(&tty->lock);

	spin_lock(&tree_lock);
	detached = session_hung_up(tty, session_exits);
	spin_unlock(&tree_lock);
	/* All, also those that asked to be served one by one: there will be no next wake-up. */
	wait_queue_wake(&tty->readable, 0x7fffffff, POLL_READABLE | POLLHUP | POLLERR);
	wait_queue_wake(&tty->writable, 0x7fffffff, POLL_WRITABLE | POLLHUP | POLLERR);
	if (detached)
		tty_put(detached);
}
