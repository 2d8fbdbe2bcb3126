# file solutions/06-posix/signal/deliver.c
# loses 0-100
# Stop signals kill.
s/if (!(SIGMASK(sig) & SIGSET_STOP)) {/if (true) {/
