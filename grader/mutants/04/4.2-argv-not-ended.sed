# file solutions/04-elf/stack.c
# loses 25
# The NULL behind argv is missing.
/stack_put_strings(&w, &string, x->argc);/{
n
d
}
