# file solutions/06-posix/signal/deliver.c
# loses 14
# SIG_DFL does nothing.
s/if (act->sa_handler == SIG_DFL)/if (false)/
s/^static void default_action/__unused static void default_action/
