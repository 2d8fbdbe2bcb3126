# file solutions/06-posix/signal/frame.c
# loses 4
# SA_ONSTACK makes no difference.
s/if (act->sa_flags & SA_ONSTACK && /if (false \&\& /
