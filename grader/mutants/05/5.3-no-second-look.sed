# file solutions/05-vfs/cache/page_cache.c
# loses 3
# a truncated page is used
s/if (likely(READ_ONCE(p->object) == &c->object))/if (true)/
