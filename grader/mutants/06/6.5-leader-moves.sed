# file solutions/06-posix/job/control.c
# loses 4
# A session leader can leave its group.
s/return s->leader == p ? -EPERM : 0;/(void)s; return 0;/
