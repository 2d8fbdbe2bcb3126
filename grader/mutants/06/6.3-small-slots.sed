# file solutions/06-posix/pipe/rw.c
# loses 9
# Slots take 512 bytes, so that writes are split.
s/MIN(it->count, PAGE_SIZE)/MIN(it->count, (size_t)512)/
