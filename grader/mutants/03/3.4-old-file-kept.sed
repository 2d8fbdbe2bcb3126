# file solutions/03-syscalls/files/fd.c
# loses 0-100
# dup2 does not close what stood there.
/else if (old)/,+1d
