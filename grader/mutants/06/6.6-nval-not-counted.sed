# file solutions/06-posix/poll/poll.c
# loses 0-100
# A bad descriptor is not counted.
s/ready += items\[i\].revents != 0;/;/
