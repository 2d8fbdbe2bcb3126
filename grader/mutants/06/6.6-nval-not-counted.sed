# file solutions/06-posix/poll/poll.c
# loses 4
# POLLNVAL is no event.
s/ready += items\[i\].revents != 0;/;/
