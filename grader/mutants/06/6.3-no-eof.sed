# file solutions/06-posix/pipe/rw.c
# loses 10
# The end of the file never comes: readers sleep for ever.
s/if (done || !p->writers)/if (done)/
