# file solutions/01-memory/buddy.c
# loses 14
# Off by one: the rest of a split block begins one frame late.
s/put_on_list(b, f + (1UL << have), have)/put_on_list(b, f + (1UL << have) + 1, have)/
