# file solutions/03-syscalls/process/fork_mm.c
# loses 5
# Off by one: the first page of each batch is skipped.
s/c->resume = va + PAGE_SIZE;/c->resume = va + 2 * PAGE_SIZE;/
