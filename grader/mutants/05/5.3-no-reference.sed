# file solutions/05-vfs/cache/page_cache.c
# loses 18
# A page is found, but no reference is taken.
/if (p)/{
N
/frame_get/d
}
