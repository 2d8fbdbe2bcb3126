# file solutions/05-vfs/ext2/path.c
# loses 12
# Double indirect blocks begin at the single ones' end, but are counted from 0.
s/block -= 1UL << bits \* level;/;/
