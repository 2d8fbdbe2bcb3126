# file solutions/06-posix/job/control.c
# loses 4
# A session leader may leave its group.
s/return s->leader == p ? -EPERM : 0;/return 0;/
