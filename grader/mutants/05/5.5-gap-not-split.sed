# file solutions/05-vfs/ext2/dirent.c
# loses 4
# A new entry takes the place of the one that has room behind it.
s/^\t\tif (used) {/\t\tif (used \&\& false) {/
