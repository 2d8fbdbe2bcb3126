# file solutions/01-memory/slab_core.c
# loses 6
# The chain keeps the object that was handed out.
/slab->index = (u64)\*slab_link(c, obj);/d
