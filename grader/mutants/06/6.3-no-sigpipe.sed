# file solutions/06-posix/pipe/rw.c
# loses 0-100
# EPIPE without the signal.
/signal_send_self(SIGPIPE);/d
