# file solutions/06-posix/tty/input.c
# loses 2
# In raw mode the reader is not told.
s/^\tif (!canonical)$/\tif (false)/
