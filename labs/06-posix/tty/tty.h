/*
 * Terminals: POSIX.1-2017 XBD 11, termios(3).
 *
 * A terminal has two ends. Below is a device: a serial line, or the master side of a
 * pseudo-terminal. Above are programs. In between the line discipline edits lines, echoes, makes
 * signals out of ^C and ^Z, and turns newlines into CR LF:
 *
 *	device -> tty_input() (input.c) -> buf -> tty_read() (file.c) -> program
 *	device <- ops->write() <- output.c <------ tty_write() (file.c) <- program
 *	             ^-- echo --'
 *
 * tty->lock (a mutex) protects everything but the links to job control, which tree_lock protects.
 * Both input and output run in threads, never in interrupts.
 *
 * What keeps a terminal alive: each open file has a reference, and so has the session whose
 * controlling terminal it is. What keeps it usable is another question: a hangup (vhangup(2), the
 * end of a pseudo-terminal's master, the end of a session on a serial line) makes all files that
 * are open at that moment dead for ever, while the terminal itself can be opened again. No list of
 * files is needed for that: a file remembers how many hangups there had been when it was opened.
 */
#pragma once

#include "common/abi/termios.h"
#include "02-usermode/mutex.h"
#include "03-syscalls/file.h"

struct tty;
struct session;
struct inode;

/* The device. All are called with tty->lock held; only those that say so sleep. NULL: nothing to
 * do. */
struct tty_ops {
	/* Send up to n bytes; how many were taken. */
	size_t (*write)(struct tty *tty, const u8 *buf, size_t n);
	size_t (*room)(struct tty *tty);	/* how many write() would take now */
	size_t (*unsent)(struct tty *tty);	/* taken but not yet out */
	void (*discard_output)(struct tty *tty);
	/* The reader has made room in the input buffer. */
	void (*input_room)(struct tty *tty);
	/* Settings, flow control or flushes that a packet-mode master wants to know of: TIOCPKT_
	 * bits. */
	void (*event)(struct tty *tty, unsigned bits);
	void (*first_open)(struct tty *tty);
	void (*last_close)(struct tty *tty);
	/* The last reference is gone: free it. NULL: static. No lock held. */
	void (*free)(struct tty *tty);
};

#define TTY_BUF_SIZE	4096

struct tty {
	refcount_t refs;
	const struct tty_ops *ops;
	char name[16];			/* "ttyS0" */
	u32 rdev;			/* device number as stat(2) shows it */
	bool is_pty;

	struct mutex lock;		/* RANK_TTY; protects: */
	struct termios termios;
	struct winsize winsize;
	int open_count;
	/* a file remembers (in pos) how many there had been: see tty_hung_up() */
	loff_t hangups;
	bool stopped;			/* output, by ^S or tcflow() */
	bool exclusive;			/* TIOCEXCL */

	/* Input: buf[tail..canon) complete lines, buf[canon..head) the line being edited;
	 * free-running. */
	u32 head, canon, tail;
	u64 line_end[TTY_BUF_SIZE / 64];	/* bit: this character ends a line */
	u8 buf[TTY_BUF_SIZE];
	bool literal_next;		/* after ^V */
	unsigned column;		/* of the cursor */
	unsigned line_column;		/* where the line being edited begins */

	struct wait_queue readable, writable;

	struct session *session;	/* tree_lock: which it controls */
	struct pid *foreground;		/* tree_lock: group in the foreground, held */
};

#define TTY_I(tty, flag)	((tty)->termios.c_iflag & (flag))
#define TTY_O(tty, flag)	((tty)->termios.c_oflag & (flag))
#define TTY_L(tty, flag)	((tty)->termios.c_lflag & (flag))
#define TTY_CC(tty, which)	((tty)->termios.c_cc[which])

/*
 * Positions in buf run on for ever and wrap around with u32; only their remainder is a place. So
 * "how many" is always a difference, and full (TTY_BUF_SIZE) differs from empty (0).
 */
static inline u8 *tty_char(struct tty *tty, u32 n)
{
	return &tty->buf[n % TTY_BUF_SIZE];
}

/*
 * The mark stands beside the character, not in it: ^V^D puts a byte 4 into a line that ends
 * nothing, and after EOL2 any character may end one. An EOF is marked, too, with DISABLED_CHAR as
 * its character, which readers skip.
 */
static inline bool tty_ends_line(const struct tty *tty, u32 n)
{
	return tty->line_end[n % TTY_BUF_SIZE / 64] >> n % 64 & 1;
}

/* ---- the object (tty.c) ---- */

/* What a terminal has at first and, but for c_cflag, after each hangup. */
extern const struct termios tty_default_termios;

/* A zeroed tty gets its first reference, which is the caller's. rdev as in st_rdev. */
void tty_init(struct tty *tty, const struct tty_ops *ops, u32 rdev);
void tty_get(struct tty *tty);
void tty_put(struct tty *tty);
/* Make f a file of tty, whose reference it takes over on success. may_control: a session leader
 * without terminal gets this one. */
int tty_open_file(struct tty *tty, struct file *f, bool may_control);
/* A new file of tty (reference taken over, also on failure), for callers without the VFS; or
 * ERR_PTR. */
struct file *tty_file_alloc(struct tty *tty, unsigned flags);
extern const struct file_ops tty_file_ops;
/*
 * The line is gone: open files are dead from now on. The session loses its terminal, and its leader
 * gets SIGHUP and SIGCONT; if the hangup comes from the leader's own death (session_exits), the
 * foreground gets SIGHUP. Takes tree_lock; lock not held; may sleep.
 */
void tty_hangup(struct tty *tty, bool session_exits);
/* In pos of a file of /dev/console: no hangup ends it, as init writes there whatever becomes of
 * sessions. */
#define TTY_POS_CONSOLE	(-1)
static inline bool tty_hung_up(const struct file *f)
{
	return f->pos != TTY_POS_CONSOLE &&
	       f->pos != READ_ONCE(((struct tty *)f->private)->hangups);
}

/* ---- line discipline ---- */

/*
 * Bytes arrive from the device: returns how many were taken; fewer when the buffer is full of what
 * programs have yet to read. Lock held. Exercise 6.4.
 */
size_t tty_input(struct tty *tty, const u8 *bytes, size_t n);
/* Room for at least one more byte from the device? */
bool tty_input_room(struct tty *tty);
/* Bytes that a read could get: 0 while a line is incomplete. Lock held, or only a hint. */
size_t tty_available(const struct tty *tty);
/* Throw away what nobody has read, or what the device has not sent; lock held. The device and a
 * packet-mode master hear of it. */
void tty_flush_input(struct tty *tty);
void tty_flush_output(struct tty *tty);
/* ICANON was switched. */
void tty_canon_changed(struct tty *tty);

/* Output with post-processing: bytes consumed, fewer if there is no room. Lock held. (output.c) */
size_t tty_output(struct tty *tty, const u8 *s, size_t n);
/* Echo a character that was typed; what has no room is lost. */
void tty_echo(struct tty *tty, u8 c);
void tty_echo_raw(struct tty *tty, const char *s);
/* How many columns buf[n] takes when echoed at column `at`. */
unsigned tty_char_width(const struct tty *tty, u8 c, unsigned at);
/* ^S and ^Q: hold output back, and let it go on. Lock held. */
void tty_stop(struct tty *tty);
void tty_start(struct tty *tty);

/* Send sig to the foreground group. Takes tree_lock. */
void tty_signal(struct tty *tty, int sig);

/* file_ops.ioctl of all but masters: result or errno, -ENOTTY for an unknown command. */
long tty_ioctl(struct file *f, unsigned cmd, u64 arg);
/* Those that a master shares with its slave: -ENOIOCTLCMD_ if it is none of them. */
long tty_common_ioctl(struct tty *tty, unsigned cmd, u64 arg);
#define ENOIOCTLCMD_	515
/* The foreground gets SIGWINCH if w is something new. Lock not held. */
void tty_set_winsize(struct tty *tty, const struct winsize *w);
/* Wait until all output is out: 0 or -ERESTARTSYS. */
int tty_drain(struct tty *tty);

/* ---- job control (job_control.c) ---- */

/* The current process's controlling terminal with a reference, or NULL. */
struct tty *current_tty(void);
/* TIOCSCTTY, TIOCNOTTY, TIOCGPGRP, TIOCSPGRP, TIOCGSID of a program; tty is the terminal asked
 * about. */
/* For a session leader without terminal: 0 or -EPERM. steal: even from another session. */
int tty_make_controlling(struct tty *tty, bool steal, bool may_read);
/* -ENOTTY if it is not the caller's. */
int tty_give_up(struct tty *tty);
/* The number (0: none), or -ENOTTY if it is not the caller's terminal and `any` is not set. */
long tty_get_foreground(struct tty *tty, bool any);
/* tcsetpgrp(3): 0, -ENOTTY, -EINVAL, -ESRCH, -EPERM; -ERESTARTSYS from the background. */
int tty_set_foreground(struct tty *tty, int pgid);
long tty_get_session(struct tty *tty, bool any);
/* Detach tty from its session. tree_lock held; returns the tty reference to put, or NULL. */
struct tty *tty_detach(struct tty *tty);
/* The same after a hangup: its leader is told (session_exits: its foreground). tree_lock held. */
struct tty *session_hung_up(struct tty *tty, bool session_exits);

/* ---- devices ---- */

/* The terminal that /dev/console stands for, with a reference. */
struct tty *console_tty(void);
