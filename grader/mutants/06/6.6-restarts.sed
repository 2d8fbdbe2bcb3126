# file solutions/06-posix/poll/poll.c
# loses 3
# poll is restarted after a handler with SA_RESTART.
s/return error == -ERESTARTSYS ? -ERESTARTNOHAND : error;/return error;/
