# file solutions/06-posix/signal/frame.c
# loses 3
# rsp itself is a multiple of 16, not rsp + 8.
s/, 16) - 8;/, 16);/
