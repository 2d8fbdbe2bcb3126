# file solutions/02-usermode/runqueue.c
# loses 3
# Who slept a minute blocks everybody for a minute.
/if (t->vruntime + GRANULARITY_NS/,+1d
