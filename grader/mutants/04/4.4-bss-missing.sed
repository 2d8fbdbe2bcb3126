# file solutions/04-elf/elf_map.c
# loses 25
# Whole pages behind the file's part are not mapped.
s/if (!error && end > file_pages)/if (!error \&\& false)/
