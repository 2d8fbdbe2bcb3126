# file solutions/05-vfs/vfs/dcache.c
# loses 4
# A name is found in a directory that does not have it.
s/ || d->parent != parent//
