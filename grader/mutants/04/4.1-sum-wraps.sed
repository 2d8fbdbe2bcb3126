# file solutions/04-elf/elf.c
# loses 4
# offset + filesz may wrap around.
s/p->p_offset > file_size || p->p_filesz > file_size - p->p_offset/p->p_offset + p->p_filesz > file_size/
