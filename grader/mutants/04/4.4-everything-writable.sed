# file solutions/04-elf/elf_map.c
# loses 7
# Text can be written.
s/(flags \& PF_W ? VM_WRITE : 0)/VM_WRITE/
