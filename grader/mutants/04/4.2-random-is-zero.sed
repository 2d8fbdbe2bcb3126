# file solutions/04-elf/stack.c
# loses 2
# AT_RANDOM points to sixteen zeroes.
s/random_bytes(bytes, sizeof(bytes));/memset(bytes, 0, sizeof(bytes));/
