# file solutions/06-posix/tty/input.c
# loses 3
# LNEXT types itself.
s/extended && is_cc(tty, c, VLNEXT)/false/
