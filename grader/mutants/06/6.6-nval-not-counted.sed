# file solutions/06-posix/poll/poll.c
# loses 4
# A bad descriptor is not counted.
s/ready += items\[i\].revents != 0;/;/
