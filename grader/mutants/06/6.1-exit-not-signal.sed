# file solutions/06-posix/signal/deliver.c
# loses 9
# A fatal signal looks like an exit.
s/process_exit(death_status(sig))/process_exit(sig << 8)/
