# file solutions/05-vfs/ext2/map.c
# loses 9
# Blocks that do not follow each other are read as if they did.
s/while (i < n && READ_ONCE(p\[i\]) == (first ? first + i : 0))/while (i < n)/
