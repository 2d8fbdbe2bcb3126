# file solutions/01-memory/slab_core.c
# loses 17
# Off by one: the first object is never on the chain.
s/i >= 0; i--/i > 0; i--/
