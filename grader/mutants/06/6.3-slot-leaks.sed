# file solutions/06-posix/pipe/rw.c
# loses 15
# The place of a page is not given back.
s/WRITE_ONCE(p->tail, p->tail + 1);/WRITE_ONCE(p->tail, p->tail + 0);/
