# file solutions/04-elf/elf.c
# loses 4
# Programs for other machines are loaded.
s/ || h->e_machine != EM_X86_64)/)/
