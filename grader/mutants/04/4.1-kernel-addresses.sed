# file solutions/04-elf/elf.c
# loses 9
# A segment may reach into the kernel's half.
/if (p->p_vaddr >= USER_END/,+1d
