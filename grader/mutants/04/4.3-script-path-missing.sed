# file solutions/04-elf/script.c
# loses 25
# The script's own path is not passed on.
s/error = exec_push_string(x, x->interp);/error = 0;/; s/x->argc += argument ? 3 : 2;/x->argc += argument ? 2 : 1;/
