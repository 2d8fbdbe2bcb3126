# file solutions/05-vfs/vfs/walk.c
# loses 12
# Links are followed at the end only.
s/S_ISLNK(d->inode->mode) && (!last || \*w->rest || (w->flags & LOOKUP_FOLLOW))/S_ISLNK(d->inode->mode) \&\& last \&\& (w->flags \& LOOKUP_FOLLOW)/
