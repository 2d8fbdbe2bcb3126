# file solutions/06-posix/signal/deliver.c
# loses 5
# Stop signals kill.
s/if (!(SIGMASK(sig) & SIGSET_STOP)) {/if (true) {/
