# file solutions/02-usermode/runqueue.c
# loses 21
# The one with most time runs next.
s/t->vruntime < thread_of(parent)->vruntime ? &parent->left : &parent->right/t->vruntime > thread_of(parent)->vruntime ? \&parent->left : \&parent->right/
