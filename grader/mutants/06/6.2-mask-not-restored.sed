# file solutions/06-posix/signal/frame.c
# loses 10
# The mask of the handler stays.
/signal_set_blocked(uc.uc_sigmask);/d
