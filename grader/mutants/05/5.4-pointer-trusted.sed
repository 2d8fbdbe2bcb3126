# file solutions/05-vfs/ext2/map.c
# loses 3
# a pointer from the disk is believed
s/if (\*place && !ext2_data_blocks(fs, \*place, \*count))/if (false)/
