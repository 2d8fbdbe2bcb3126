# file solutions/07-dynlink/futex/futex_wait.c
# loses 14
# The number to wake is not looked at.
/if (++woken >= n)/,+1d
s/return woken;/return woken ? woken : 0;/
