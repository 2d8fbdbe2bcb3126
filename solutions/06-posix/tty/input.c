/*
 * The line discipline, upwards: what becomes of the characters that arrive.
 *
 * In canonical mode (ICANON) a line is edited in the buffer until a newline, EOF or EOL ends it;
 * only then programs see it. Otherwise each character is available at once. Before that some
 * characters are taken out: those that stop and start output (IXON) and those that send signals
 * (ISIG). (POSIX.1-2017 XBD 11.1.6 to 11.1.9, 11.2; termios(3).)
 *
 * EXERCISE 6.4: the life of one character.
 *
 * Goal: special characters do what termios(3) says; all others end up in the buffer and on the
 * screen.
 * Invariant: tail <= canon <= head <= tail + TTY_BUF_SIZE; line_end marks exactly the last
 * characters of the complete lines before canon; erasing never goes back beyond canon; a
 * character whose c_cc value is DISABLED_CHAR does nothing; each character is echoed at most
 * once.
 * Symptom when wrong: backspace eats the prompt, ^D types itself, `cat` gets lines before Enter
 * is pressed, passwords are shown, ^C kills the shell instead of its job.
 * Read first: tty.h (struct tty); the helpers above the first mark.
 * Tests: tty_canonical, tty_erase, tty_eof, tty_signals, tty_echo, tty_raw.
 */
#include "06-posix/tty/tty.h"
#include "common/exercise.h"
#include "common/string.h"
#include "06-posix/poll/poll.h"
#include "06-posix/signal/signal.h"

/*
 * Readers (file.c) move tail, everything here moves head; canon follows head, one line at a time.
 * tty->lock is held throughout, so no order of stores matters; only tty_available() and
 * tty_input_room() may be called without, as hints for poll and for the conditions of waits.
 */
static __unused u32 used(const struct tty *tty)
{
	return tty->head - tty->tail;
}

/* Append c to the line being edited. */
static __unused void put_char(struct tty *tty, u8 c)
{
	u32 n = tty->head % TTY_BUF_SIZE;

	tty->buf[n] = c;
	tty->line_end[n / 64] &= ~BIT(n % 64);
	tty->head++;
}

/* Append c as the end of a line, and give the line to the readers. */
static __unused void put_line_end(struct tty *tty, u8 c)
{
	u32 n = tty->head % TTY_BUF_SIZE;

	put_char(tty, c);
	tty->line_end[n / 64] |= BIT(n % 64);
	tty->canon = tty->head;
	wake_up_poll(&tty->readable, POLL_READABLE);
}

/* Is c the special character `which`? One that is disabled (0) matches nothing, not even a NUL. */
static __unused bool is_cc(const struct tty *tty, u8 c, int which)
{
	return c != DISABLED_CHAR && c == TTY_CC(tty, which);
}

/* IUTF8: bytes 10xxxxxx follow the first byte of a character, take no column and go with it. */
static bool is_continuation(const struct tty *tty, u8 c)
{
	return TTY_I(tty, IUTF8) && (c & 0xc0) == 0x80;
}

/* What ^W takes as one word: C identifiers, and all that is not ASCII. */
static bool is_word(u8 c)
{
	return c == '_' || c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Computed from the line's beginning each time: widths of tabs depend on what stands before. */
/* Column at which character n of the edited line stands. */
static unsigned column_of(struct tty *tty, u32 n)
{
	unsigned column = tty->line_column;

	for (u32 i = tty->canon; i != n; i++)
		if (!is_continuation(tty, *tty_char(tty, i)))
			column += tty_char_width(tty, *tty_char(tty, i), column);
	return column;
}

/* Take the last character (all bytes of it) off the edited line, and off the screen if `show`. */
static void erase_char(struct tty *tty, bool show)
{
	unsigned width;
	u8 c;

	do {
		tty->head--;
		c = *tty_char(tty, tty->head);
	} while (is_continuation(tty, c) && tty->head != tty->canon);
	if (!show)
		return;
	width = tty_char_width(tty, c, column_of(tty, tty->head));
	/* A tab left blanks behind, so moving back is enough; others are overwritten. */
	while (width--)
		tty_echo_raw(tty, c == '\t' ? "\b" : "\b \b");
}

/* The three characters that erase: the last character, the last word, the line. */
static __unused void erase(struct tty *tty, u8 c)
{
	bool kill = is_cc(tty, c, VKILL), word = is_cc(tty, c, VWERASE), seen = false;
	bool show = TTY_L(tty, ECHO) && TTY_L(tty, ECHOE) && (!kill || TTY_L(tty, ECHOKE));

	if (tty->head == tty->canon)
		return;
	if (TTY_L(tty, ECHO) && !show) {
		tty_echo(tty, c);
		if (kill && TTY_L(tty, ECHOK))
			tty_echo_raw(tty, "\n");
	}
	while (tty->head != tty->canon) {
		u8 last = *tty_char(tty, tty->head - 1);

		if (word && seen && !is_word(last))
			break;
		seen = seen || is_word(last);
		erase_char(tty, show);
		if (!kill && !word)
			break;
	}
}

/* Show the edited line again (^R). */
static __unused void reprint(struct tty *tty, u8 c)
{
	tty_echo(tty, c);
	tty_echo_raw(tty, "\n");
	tty->line_column = tty->column;
	for (u32 i = tty->canon; i != tty->head; i++)
		tty_echo(tty, *tty_char(tty, i));
}

/* A full buffer: ring the bell. */
static __unused void complain(struct tty *tty)
{
	if (TTY_I(tty, IMAXBEL))
		tty_echo_raw(tty, "\a");
}

/* ISIG: the signal that c sends, or 0. */
static __unused int signal_of(const struct tty *tty, u8 c)
{
	if (!TTY_L(tty, ISIG))
		return 0;
	return is_cc(tty, c, VINTR) ? SIGINT : is_cc(tty, c, VQUIT) ? SIGQUIT :
	       is_cc(tty, c, VSUSP) ? SIGTSTP : 0;
}

/*
 * Queues are flushed in both directions unless NOFLSH: what was typed before ^C was meant for the
 * job that is about to die. Stopped output goes on, or nobody would see what happens.
 */
static __unused void send_signal(struct tty *tty, int sig, u8 c)
{
	if (!TTY_L(tty, NOFLSH)) {
		tty_flush_input(tty);
		tty_flush_output(tty);
	}
	if (TTY_I(tty, IXON))
		tty_start(tty);
	if (TTY_L(tty, ECHO))
		tty_echo(tty, c);
	tty_signal(tty, sig);
}

/* IXON: true if c was one of the two. */
static __unused bool flow_control(struct tty *tty, u8 c)
{
	if (!TTY_I(tty, IXON))
		return false;
	if (is_cc(tty, c, VSTART))
		tty_start(tty);
	else if (is_cc(tty, c, VSTOP))
		tty_stop(tty);
	else
		return false;
	return true;
}

/* What carriage return and newline become: false if *c is thrown away. */
static __unused bool translate(const struct tty *tty, u8 *c)
{
	if (*c == '\r') {
		if (TTY_I(tty, IGNCR))
			return false;
		if (TTY_I(tty, ICRNL))
			*c = '\n';
	} else if (*c == '\n' && TTY_I(tty, INLCR)) {
		*c = '\r';
	}
	return true;
}

/* EXERCISE 6.4 BEGIN  blank-toplevel */
/* Store c in the buffer, and echo it. */
static void ordinary(struct tty *tty, u8 c)
{
	bool canonical = TTY_L(tty, ICANON);

	/* The last place is kept for the end of the line. */
	if (used(tty) >= TTY_BUF_SIZE - canonical) {
		complain(tty);
		return;
	}
	if (tty->head == tty->canon)
		tty->line_column = tty->column;
	if (TTY_L(tty, ECHO))
		tty_echo(tty, c);
	put_char(tty, c);
	if (!canonical)
		wake_up_poll(&tty->readable, POLL_READABLE);
}

/* ICANON: true if c was special. */
static bool edit(struct tty *tty, u8 c)
{
	bool extended = TTY_L(tty, IEXTEN);

	if (is_cc(tty, c, VERASE) || is_cc(tty, c, VKILL) || (extended && is_cc(tty, c, VWERASE))) {
		erase(tty, c);
	} else if (extended && is_cc(tty, c, VLNEXT)) {
		tty->literal_next = true;
		if (TTY_L(tty, ECHO) && TTY_L(tty, ECHOCTL))
			tty_echo_raw(tty, "^\b");
	} else if (extended && TTY_L(tty, ECHO) && is_cc(tty, c, VREPRINT)) {
		reprint(tty, c);
	} else if (is_cc(tty, c, VEOF)) {
		if (used(tty) < TTY_BUF_SIZE)
			put_line_end(tty, DISABLED_CHAR);
	} else if (c == '\n' || is_cc(tty, c, VEOL) || (extended && is_cc(tty, c, VEOL2))) {
		if (used(tty) >= TTY_BUF_SIZE) {
			complain(tty);
			return true;
		}
		if (TTY_L(tty, ECHO) || (c == '\n' && TTY_L(tty, ECHONL)))
			tty_echo(tty, c);
		put_line_end(tty, c);
	} else {
		return false;
	}
	return true;
}
/* EXERCISE 6.4 END */

/* One character has arrived. */
static void receive(struct tty *tty, u8 c)
{
	/* EXERCISE 6.4 BEGIN  blank: return; */
	int sig;

	if (TTY_I(tty, ISTRIP))
		c &= 0x7f;
	if (tty->literal_next) {
		tty->literal_next = false;
		ordinary(tty, c);
		return;
	}
	if (flow_control(tty, c))
		return;
	sig = signal_of(tty, c);
	if (sig) {
		send_signal(tty, sig, c);
		return;
	}
	if (tty->stopped && TTY_I(tty, IXON) && TTY_I(tty, IXANY))
		tty_start(tty);
	if (!translate(tty, &c))
		return;
	if (TTY_L(tty, ICANON) && edit(tty, c))
		return;
	if (c == 0xff && TTY_I(tty, PARMRK))
		ordinary(tty, c);
	ordinary(tty, c);
	/* EXERCISE 6.4 END */
}

bool tty_input_room(struct tty *tty)
{
	bool canonical = TTY_L(tty, ICANON);

	/*
	 * Complete lines make room when they are read, so the device waits. A single line that is
	 * too long would wait for ever: it goes on, loses characters (complain()), and can still be
	 * erased or ended.
	 */
	if (canonical && READ_ONCE(tty->canon) == READ_ONCE(tty->tail))
		return true;
	return used(tty) < TTY_BUF_SIZE - canonical;
}

size_t tty_input(struct tty *tty, const u8 *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n && tty_input_room(tty); i++)
		receive(tty, bytes[i]);
	return i;
}

size_t tty_available(const struct tty *tty)
{
	return (TTY_L(tty, ICANON) ? READ_ONCE(tty->canon) : READ_ONCE(tty->head)) -
	       READ_ONCE(tty->tail);
}

/* head and tail go back to 0 here and nowhere else; readers look again under the lock. */
void tty_flush_input(struct tty *tty)
{
	tty->head = tty->canon = tty->tail = 0;
	tty->literal_next = false;
	memset(tty->line_end, 0, sizeof(tty->line_end));
	if (tty->ops->event)
		tty->ops->event(tty, TIOCPKT_FLUSHREAD);
	if (tty->ops->input_room)
		tty->ops->input_room(tty);
}

void tty_canon_changed(struct tty *tty)
{
	u32 last = (tty->head - 1) % TTY_BUF_SIZE;

	memset(tty->line_end, 0, sizeof(tty->line_end));
	tty->canon = tty->head;
	/* What is there already counts as one line. */
	if (TTY_L(tty, ICANON) && used(tty))
		tty->line_end[last / 64] |= BIT(last % 64);
	wake_up_poll(&tty->readable, POLL_READABLE);
}
