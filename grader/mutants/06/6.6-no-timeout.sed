# file solutions/06-posix/poll/poll.c
# loses 3
# The timeout is not looked at.
s/error = wait_sleep(WAIT_INTERRUPTIBLE, deadline);/error = wait_sleep(WAIT_INTERRUPTIBLE, WAIT_FOREVER);/
