# file solutions/02-usermode/runqueue.c
# loses 6
# The nice value makes no difference.
s/ns \* nice_weight(0) \/ nice_weight(t->nice)/ns/
