# file solutions/06-posix/job/control.c
# loses 5
# A process can be moved into a group of another session.
s/} else if (!g || g->session != s) {/} else if (!g) {/
