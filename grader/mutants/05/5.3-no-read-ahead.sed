# file solutions/05-vfs/cache/page_cache.c
# loses 3
# only the page itself is read
s/page_start_read(c, index, 1 + ahead, /page_start_read(c, index, 1, /
