# file solutions/06-posix/signal/frame.c
# loses 5
# A handler starts with the direction flag of the interrupted code.
s/RFLAGS_DF | RFLAGS_RF/RFLAGS_RF/
