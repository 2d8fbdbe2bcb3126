# file solutions/04-elf/stack.c
# loses 25
# The auxiliary vector follows the environment at once.
/^\tstack_put_strings(&w, &string, x->envc);/{n;d}
