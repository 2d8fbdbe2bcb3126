# file solutions/06-posix/poll/poll.c
# loses 4
# Files are asked, but will not tell.
s/else if (ask(&items\[i\], ready ? NULL : p))/else if (ask(\&items[i], NULL))/
