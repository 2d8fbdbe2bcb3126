# file solutions/05-vfs/ext2/dirent.c
# loses 3
# a name is found by its beginning
s/e->name_len == len && memcmp/e->name_len >= len \&\& memcmp/
