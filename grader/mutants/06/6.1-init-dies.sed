# file solutions/06-posix/signal/deliver.c
# loses 0
# Init can be killed by a signal.
/if (ps->unkillable)/,+1d
