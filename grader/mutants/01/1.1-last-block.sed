# file solutions/01-memory/buddy.c
# loses 2
# < instead of <=: the largest blocks are never used.
s/while (have <= MAX_ORDER && list_empty/while (have < MAX_ORDER \&\& list_empty/
s/if (have > MAX_ORDER)/if (have >= MAX_ORDER)/
