# file solutions/01-memory/pagetable_range.c
# loses 5
# Off by one: the page at `end` is visited too.
s/start, end - 1, fn, arg)/start, end, fn, arg)/
