# file solutions/04-elf/elf_map.c
# loses 25
# Every segment shows the file's beginning.
s/object, s->offset \& PAGE_MASK, f/object, 0, f/
