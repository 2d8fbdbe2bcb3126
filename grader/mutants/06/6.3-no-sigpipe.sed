# file solutions/06-posix/pipe/rw.c
# loses 3
# EPIPE without the signal.
/signal_send_self(SIGPIPE);/d
