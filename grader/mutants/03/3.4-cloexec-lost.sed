# file solutions/03-syscalls/files/fd.c
# loses 4
# The close-on-exec flag is not stored.
s/fd_table_mark(t, \*fd, cloexec);/fd_table_mark(t, *fd, false);/
