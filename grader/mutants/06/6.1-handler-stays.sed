# file solutions/06-posix/signal/deliver.c
# loses 5
# SA_RESETHAND is forgotten.
/act->sa_flags & SA_RESETHAND/,/SIG_DFL;/d
