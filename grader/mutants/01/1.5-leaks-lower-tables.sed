# file solutions/01-memory/pagetable_free.c
# loses 6
# Tables below a pruned one are leaked.
s/if (level > 1)/if (false)/
