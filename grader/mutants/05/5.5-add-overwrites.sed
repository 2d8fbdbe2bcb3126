# file solutions/05-vfs/ext2/dirent.c
# loses 8
# the name of the entry before is overwritten
s/if (e->rec_len < used + need)/if (e->rec_len < need)/
