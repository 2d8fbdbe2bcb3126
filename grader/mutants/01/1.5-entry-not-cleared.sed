# file solutions/01-memory/pagetable_free.c
# loses 11
# The table is handed over, but the entry still points to it.
s/collect(atomic_xchg(e, 0), level - 1, list)/collect(*e, level - 1, list)/
