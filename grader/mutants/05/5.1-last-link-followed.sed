# file solutions/05-vfs/vfs/walk.c
# loses 5
# A link at the end is followed even if nobody asked for it.
s/ \&\& (!last || \*w->rest || (w->flags \& LOOKUP_FOLLOW))//
