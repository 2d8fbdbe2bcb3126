# file solutions/04-elf/elf.c
# loses 9
# Segments may lie in the kernel.
/p->p_vaddr >= USER_END/,+1d
