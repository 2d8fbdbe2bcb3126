# file solutions/06-posix/signal/frame.c
# loses 10
# The signal mask stays as it was in the handler.
/signal_set_blocked(uc.uc_sigmask);/d
