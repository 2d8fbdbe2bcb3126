# file solutions/02-usermode/runqueue.c
# loses 5
# min_vruntime follows a newcomer backwards.
s/rq->min_vruntime = MAX(rq->min_vruntime, min);/rq->min_vruntime = min;/
