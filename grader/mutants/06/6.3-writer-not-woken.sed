# file solutions/06-posix/pipe/rw.c
# loses 8
# Nobody tells the writer that there is room.
s/^\tif (was_full)$/\tif (false)/
