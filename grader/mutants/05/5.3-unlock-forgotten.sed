# file solutions/05-vfs/cache/page_cache.c
# loses 6
# The page stays locked after it was read.
/page_fill(c, p);/{
n
/page_unlock(p);/d
}
