# file solutions/06-posix/poll/poll.c
# loses 4
# Only the first file is registered.
s/ready ? NULL : p))/i ? NULL : p))/
