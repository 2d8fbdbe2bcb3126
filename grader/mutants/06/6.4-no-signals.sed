# file solutions/06-posix/tty/input.c
# loses 3
# ^C is a character like any other.
s/sig = signal_of(tty, c);/sig = 0;/
s/^static int signal_of(/__unused static int signal_of(/
s/^static void send_signal(/__unused static void send_signal(/
