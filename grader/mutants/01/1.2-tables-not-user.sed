# file solutions/01-memory/pagetable.c
# loses 2
# New tables lack the user bit: user mode could never reach what is below.
s/ | (va < DIRECT_MAP_BASE ? PTE_USER : 0)//
