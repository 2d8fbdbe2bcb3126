# file solutions/01-memory/pagetable_free.c
# loses 4
# A table is pruned although it maps something outside of the range.
s/bool whole = va >= start/bool whole = level <= 2 || va >= start/
