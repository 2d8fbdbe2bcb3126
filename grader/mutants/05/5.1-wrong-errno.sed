# file solutions/05-vfs/vfs/walk.c
# loses 28
# A missing name gives ENOTDIR.
s/return -ENOENT;/return -ENOTDIR;/
