# file solutions/04-elf/stack.c
# loses 2
# The pointers do not count against the space for arguments.
/words \* sizeof(u64) > x->argument_space/,+1d
