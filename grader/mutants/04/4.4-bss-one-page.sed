# file solutions/04-elf/elf_map.c
# loses 25
# No pages behind the file's part.
s/if (!error \&\& end > file_pages)/if (!error \&\& end > file_pages + 64 * PAGE_SIZE)/
