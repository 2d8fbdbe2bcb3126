# file solutions/07-dynlink/futex/futex_wait.c
# loses 3-8
# The bit set is not looked at.
s/ || !(w->bitset & bitset))/)/
