# file solutions/05-vfs/ext2/dirent.c
# loses 4
# the first entry of a block cannot be removed
s/^	e->inode = 0;/	if (before)\n		e->inode = 0;/
