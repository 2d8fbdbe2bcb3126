# file solutions/05-vfs/vfs/dcache.c
# loses 19
# Nothing is inserted.
/list_add(&d->hash_link/d
