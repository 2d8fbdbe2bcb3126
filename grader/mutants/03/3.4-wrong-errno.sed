# file solutions/03-syscalls/files/fd.c
# loses 4
# A full table says EBADF.
s/result = -EMFILE;/result = -EBADF;/
