# file solutions/05-vfs/ext2/path.c
# loses 4
# the blocks behind lower levels are counted twice
/block -= 1UL << bits \* level;/d
