# file solutions/05-vfs/vfs/walk.c
# loses 5
# A slash behind a link does not ask for the directory it leads to.
s/ || \*w->rest || / || /
