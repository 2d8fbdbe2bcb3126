# file solutions/06-posix/pipe/rw.c
# loses 6
# A partial read is read again.
/s->offset += copied;/d
