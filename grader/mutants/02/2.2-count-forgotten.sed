# file solutions/02-usermode/runqueue.c
# loses 30
# The number of waiting threads is not counted down.
/rq->count--;/d
