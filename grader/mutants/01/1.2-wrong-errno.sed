# file solutions/01-memory/pagetable.c
# loses 4
# Mapping twice succeeds.
/if (\*pte)/,/return -EEXIST/d
