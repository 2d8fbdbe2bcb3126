# file solutions/05-vfs/vfs/walk.c
# loses 12
# A link at the end is not followed.
s/ || (w->flags \& LOOKUP_FOLLOW)//
