# file solutions/01-memory/pagetable.c
# loses 15
# Off by one: the walk ends one level too early.
s/return &table\[PT_INDEX(va, 1)\];/return \&table[PT_INDEX(va, 2)];/
