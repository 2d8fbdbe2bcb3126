# file solutions/02-usermode/fault.c
# loses 5
# Copy-on-write without the copy: the other process sees the write.
s/if (f->owner == FRAME_ANON && ref_read(&f->refs) == 1)/if (f->owner == FRAME_ANON)/
