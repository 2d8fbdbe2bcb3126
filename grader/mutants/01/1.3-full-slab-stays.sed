# file solutions/01-memory/slab_core.c
# loses 10
# A full slab stays on the list.
s/if (++slab->slab_used == c->per_slab)/if (++slab->slab_used > c->per_slab)/
