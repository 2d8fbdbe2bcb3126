# file solutions/06-posix/tty/input.c
# loses 0-100
# ECHO off makes no difference: passwords are seen.
s/^\tif (TTY_L(tty, ECHO))$/\tif (true)/
