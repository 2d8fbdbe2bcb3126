# file solutions/01-memory/pagetable.c
# loses 4
# The entry is returned, but not cleared.
s/pte ? atomic_xchg(pte, 0) : 0/pte ? atomic_load(pte) : 0/
