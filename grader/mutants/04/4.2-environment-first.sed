# file solutions/04-elf/stack.c
# loses 25
# The environment's strings are taken for the arguments'.
s/stack_put_strings(\&w, \&string, x->argc);/stack_put_strings(\&w, \&string, x->argc - 1), stack_put(\&w, 0);/
