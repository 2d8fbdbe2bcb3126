# file solutions/01-memory/slab_core.c
# loses 5
# A full slab does not come back to the list when an object is freed: its memory is lost.
/if (slab->slab_used == c->per_slab)/,+1d
