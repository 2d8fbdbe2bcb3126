# file solutions/01-memory/pagetable_free.c
# loses 4
# A table is pruned although it maps something outside of the range.
s/bool whole = end - va == span - 1;/bool whole = level <= 2 || end - va == span - 1;/
