# file solutions/04-elf/elf.c
# loses 5
# The image ends where its part of the file ends.
s/image->high = p->p_vaddr + p->p_memsz/image->high = p->p_vaddr + p->p_filesz/
