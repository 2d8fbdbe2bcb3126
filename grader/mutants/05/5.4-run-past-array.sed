# file solutions/05-vfs/ext2/map.c
# loses 3-9
# the run goes on into the indirect pointers
s/MIN(max, limit - offsets\[depth - 1\])/max/
