/*
 * The line discipline, downwards: post-processing of output (OPOST), echo, flow control.
 *
 * Programs write "\n"; a terminal wants CR LF to come back to the left margin (ONLCR). That is most
 * of what OPOST does; the rest was made for teletypes. Everything goes through tty_output(),
 * so echo looks as if the program had written it.
 *
 * The cursor's column is followed, because tabs are expanded (XTABS) and erased by it: a backspace
 * over a tab must move left by as many columns as the tab was wide there. Escape sequences are not
 * understood; a program that moves the cursor by them edits lines itself, in raw mode.
 *
 * All is called with tty->lock held. (POSIX.1-2017 XBD 11.2.3; termios(3).)
 */
#include "06-posix/tty/tty.h"
#include "common/string.h"
#include "06-posix/poll/poll.h"

/* Where the cursor is after c has been sent. */
static void advance(struct tty *tty, u8 c)
{
	switch (c) {
	case '\n':
		if (TTY_O(tty, ONLRET))
			tty->column = 0;
		break;
	case '\r':
		tty->column = 0;
		break;
	case '\b':
		if (tty->column)
			tty->column--;
		break;
	case '\t':
		tty->column = (tty->column | 7) + 1;
		break;
	default:
		if (c >= ' ' && c != 0x7f && !(TTY_I(tty, IUTF8) && (c & 0xc0) == 0x80))
			tty->column++;
	}
}

/* Send what stands for c; false if there is no room for all of it. */
/* All or nothing: half a CR LF would leave the cursor somewhere else when the write is repeated. */
static bool send_processed(struct tty *tty, u8 c)
{
	size_t room = tty->ops->room(tty), n = 1;
	u8 out[8];

	out[0] = c;
	if (c == '\n' && TTY_O(tty, ONLCR)) {
		memcpy(out, "\r\n", 2);
		n = 2;
	} else if (c == '\r' && TTY_O(tty, ONOCR) && !tty->column) {
		return true;
	} else if (c == '\r' && TTY_O(tty, OCRNL)) {
		out[0] = '\n';
	} else if (c == '\t' && TTY_O(tty, TABDLY) == XTABS) {
		n = 8 - (tty->column & 7);
		memset(out, ' ', n);
	}
	if (room < n)
		return false;
	for (size_t i = 0; i < n; i++)
		advance(tty, out[i]);
	return tty->ops->write(tty, out, n) == n;
}

static bool is_plain(u8 c)
{
	return c >= ' ';
}

/*
 * Runs of plain characters, nearly everything, go out in one piece. `stopped` is not looked at:
 * that is for the callers to do, and echo goes out all the same.
 */
size_t tty_output(struct tty *tty, const u8 *s, size_t n)
{
	size_t done = 0;

	if (!TTY_O(tty, OPOST))
		return tty->ops->write(tty, s, n);
	while (done < n) {
		size_t run = 0, sent;

		while (done + run < n && is_plain(s[done + run]))
			run++;
		if (!run) {
			if (!send_processed(tty, s[done]))
				break;
			done++;
			continue;
		}
		sent = tty->ops->write(tty, s + done, run);
		for (size_t i = 0; i < sent; i++)
			advance(tty, s[done + i]);
		done += sent;
		if (sent < run)
			break;
	}
	return done;
}

void tty_echo_raw(struct tty *tty, const char *s)
{
	tty_output(tty, (const u8 *)s, strlen(s));
}

/* ECHOCTL: control characters are shown as ^X. */
static bool shown_with_hat(const struct tty *tty, u8 c)
{
	return TTY_L(tty, ECHOCTL) && (c < ' ' || c == 0x7f) && c != '\t' && c != '\n';
}

/* ^ with bit 6 changed: 3 becomes C, 127 becomes ?. */
void tty_echo(struct tty *tty, u8 c)
{
	u8 hat[2] = { '^', c ^ 0100 };

	if (shown_with_hat(tty, c))
		tty_output(tty, hat, 2);
	else
		tty_output(tty, &c, 1);
}

/* What erasing must take back; the same rules as tty_echo() and advance(). */
unsigned tty_char_width(const struct tty *tty, u8 c, unsigned at)
{
	if (c == '\t')
		return 8 - (at & 7);
	if (shown_with_hat(tty, c))
		return 2;
	return c < ' ' || c == 0x7f ? 0 : 1;
}

void tty_stop(struct tty *tty)
{
	if (tty->stopped)
		return;
	tty->stopped = true;
	if (tty->ops->event)
		tty->ops->event(tty, TIOCPKT_STOP);
}

/* Writers sleep in send_all(), whose condition looks at `stopped`. */
void tty_start(struct tty *tty)
{
	if (!tty->stopped)
		return;
	tty->stopped = false;
	if (tty->ops->event)
		tty->ops->event(tty, TIOCPKT_START);
	wake_up_poll(&tty->writable, POLL_WRITABLE);
}

/* Writers find room, whether the device has thrown something away or not. */
void tty_flush_output(struct tty *tty)
{
	if (tty->ops->discard_output)
		tty->ops->discard_output(tty);
	if (tty->ops->event)
		tty->ops->event(tty, TIOCPKT_FLUSHWRITE);
	wake_up_poll(&tty->writable, POLL_WRITABLE);
}
