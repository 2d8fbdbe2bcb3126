# file solutions/04-elf/stack.c
# loses 4
# rsp is a multiple of 8 only.
s/ALIGN_DOWN(top - words \* sizeof(u64), 16)/ALIGN_DOWN(top - words * sizeof(u64), 16) - 8/
