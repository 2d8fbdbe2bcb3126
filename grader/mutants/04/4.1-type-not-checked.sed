# file solutions/04-elf/elf.c
# loses 4
# Any type of file is accepted.
s/(h->e_type != ET_EXEC \&\& h->e_type != ET_DYN) || //
