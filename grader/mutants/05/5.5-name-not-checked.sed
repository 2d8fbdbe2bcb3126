# file solutions/05-vfs/ext2/dirent.c
# loses 5
# a name may be longer than its entry
s/EXT2_REC_LEN(e->name_len) > e->rec_len ||//
