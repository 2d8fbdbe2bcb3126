# file solutions/05-vfs/vfs/dcache.c
# loses 8
# Only the first dentry of a bucket is looked at.
s/^\t\t\tcontinue;/\t\t\tbreak;/
