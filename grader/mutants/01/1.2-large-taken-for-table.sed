# file solutions/01-memory/pagetable.c
# loses 3
# A 2 MiB page is taken for a table.
s/return e & PTE_LARGE && level > 1;/return false;/
