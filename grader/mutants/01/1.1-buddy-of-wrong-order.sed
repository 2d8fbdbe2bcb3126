# file solutions/01-memory/buddy.c
# loses 8
# The order of the buddy is not looked at: a block joins with one that is split.
s/!(b->frames\[other\].flags & FRAME_BUDDY) ||/!(b->frames[other].flags \& FRAME_BUDDY))/
/b->frames\[other\].order != order)/d
