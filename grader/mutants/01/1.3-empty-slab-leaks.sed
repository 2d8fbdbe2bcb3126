# file solutions/01-memory/slab_core.c
# loses 12
# Empty slabs are never handed back.
s/if (--slab->slab_used || c->partial.next == c->partial.prev)/if (--slab->slab_used || true)/
