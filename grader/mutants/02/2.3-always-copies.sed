# file solutions/02-usermode/fault.c
# loses 3
# The last one copies too.
/if (f->owner == FRAME_ANON/,+1d
