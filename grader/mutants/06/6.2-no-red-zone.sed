# file solutions/06-posix/signal/frame.c
# loses 3
# The frame begins right below rsp.
s/f->rsp - RED_ZONE/f->rsp/
