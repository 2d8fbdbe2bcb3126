# file solutions/06-posix/job/control.c
# loses 5
# The background is refused but not stopped.
/group_signal(mine, sig);/d
