# file solutions/06-posix/tty/input.c
# loses 4
# ICRNL is forgotten.
/if (TTY_I(tty, ICRNL))/,/c = /d
