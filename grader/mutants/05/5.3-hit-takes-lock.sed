# file solutions/05-vfs/cache/page_cache.c
# loses 3
# a page that is up to date is locked all the same
s/if (likely(READ_ONCE(p->flags) & PG_UPTODATE)) {/if (false) {/
