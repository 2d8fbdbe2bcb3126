# file solutions/01-memory/buddy.c
# loses 10
# Freed blocks stay as small as they are.
s/for (; order < MAX_ORDER; order++) {/for (; 0; order++) {/
