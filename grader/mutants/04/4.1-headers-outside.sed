# file solutions/04-elf/elf.c
# loses 4
# The program headers may lie beyond the file's end.
/h->e_phoff > file_size/,+1d
