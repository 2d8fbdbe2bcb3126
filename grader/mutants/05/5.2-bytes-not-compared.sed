# file solutions/05-vfs/vfs/dcache.c
# loses 4
# Equal hashes are taken for equal names.
s/if (!name_equal(d->name, n->s, n->len))/if (0)/
