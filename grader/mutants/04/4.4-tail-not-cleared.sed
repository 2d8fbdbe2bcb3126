# file solutions/04-elf/elf_map.c
# loses 5-18
# The last page keeps what the file has behind the segment.
s/error = clear_tail(mm, file_end);/error = 0;/
