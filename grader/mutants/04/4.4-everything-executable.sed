# file solutions/04-elf/elf_map.c
# loses 7
# Data can be executed.
s/(flags \& PF_X ? VM_EXEC : 0)/VM_EXEC/
