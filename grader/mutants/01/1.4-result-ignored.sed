# file solutions/01-memory/pagetable_range.c
# loses 1
# A result that is not 0 does not end the walk.
s/ && !result//
