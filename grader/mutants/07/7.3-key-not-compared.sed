# file solutions/07-dynlink/futex/futex_wait.c
# loses 0-100
# Whoever waits in the same bucket is woken.
s/if (!futex_key_equal(&w->key, &key) || /if (/
