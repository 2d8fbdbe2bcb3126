# file solutions/05-vfs/vfs/dcache.c
# loses 4
# The mark stays: the dentry is never inserted again.
/d->flags &= ~DENTRY_HASHED;/d
