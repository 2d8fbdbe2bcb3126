# file solutions/05-vfs/cache/page_cache.c
# loses 3-18
# the page may be freed while it is used
/^	if (p)$/,/frame_get(p);/d
