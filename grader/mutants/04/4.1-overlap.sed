# file solutions/04-elf/elf.c
# loses 1
# Segments may overlap.
/image->count \&\& p->p_vaddr < image->high/,+1d
