# file solutions/05-vfs/cache/page_cache.c
# loses 3
# a read error is tried again for ever
s/if (err != -EAGAIN)/if (false)/
