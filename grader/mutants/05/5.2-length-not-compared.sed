# file solutions/05-vfs/vfs/dcache.c
# loses 4
# "lib" is found when "lib64" was asked for.
s/ || d->name_len != n->len//
s/d->hash != n->hash || //
s/name_equal(d->name, n->s, n->len)/name_equal(d->name, n->s, MIN(d->name_len, n->len))/
