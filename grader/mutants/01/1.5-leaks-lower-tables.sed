# file solutions/01-memory/pagetable_free.c
# loses 6
# Tables below a pruned one are leaked.
s/for (int i = 0; level > 1 && i < PT_ENTRIES; i++)/for (int i = 0; false; i++)/
