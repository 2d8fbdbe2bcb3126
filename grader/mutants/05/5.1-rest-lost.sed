# file solutions/05-vfs/vfs/walk.c
# loses 9
# What follows a link is forgotten.
s/if (!walk_pop_link(w))/if (w->link || !walk_pop_link(w))/
