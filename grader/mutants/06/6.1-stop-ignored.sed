# file solutions/06-posix/signal/deliver.c
# loses 5
# Stop signals do nothing.
s/^\tsignal_start_stop(ps, sig);$/\treturn;/
