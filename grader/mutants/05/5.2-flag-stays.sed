# file solutions/05-vfs/vfs/dcache.c
# loses 4
# The flag still stands after the removal.
s/d->flags \&= ~DENTRY_HASHED;/(void)d;/
