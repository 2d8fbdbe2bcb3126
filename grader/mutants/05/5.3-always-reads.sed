# file solutions/05-vfs/cache/page_cache.c
# loses 6
# Each read goes to the disk again.
s/err = READ_ONCE(p->flags) & PG_UPTODATE ? 0 : page_fill(c, p);/err = page_fill(c, p);/
s/if (likely(READ_ONCE(p->flags) & PG_UPTODATE)) {/if (likely(READ_ONCE(p->flags) \& PG_UPTODATE) \&\& false) {/
