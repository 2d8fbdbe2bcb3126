# file solutions/07-dynlink/futex/futex_wait.c
# loses 9
# The value is not compared: a wake-up that came before is lost.
s/if (!err && value == expected)/if (!err)/
/if (value != expected)/,+1d
