# file solutions/05-vfs/ext2/dirent.c
# loses 4
# Removing an entry swallows the next one as well.
s/before->rec_len += e->rec_len;/before->rec_len += e->rec_len + ((struct ext2_dirent *)((u8 *)e + e->rec_len))->rec_len;/
