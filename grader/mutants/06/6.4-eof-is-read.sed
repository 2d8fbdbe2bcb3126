# file solutions/06-posix/tty/input.c
# loses 3
# The EOF character is part of the line.
s/put_line_end(tty, DISABLED_CHAR);/put_line_end(tty, c);/
