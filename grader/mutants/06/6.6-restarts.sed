# file solutions/06-posix/poll/poll.c
# loses 3
# poll is restarted after a handler with SA_RESTART; it must not be.
s/-ERESTARTSYS ? -ERESTARTNOHAND : error/-ERESTARTSYS ? -ERESTARTSYS : error/
