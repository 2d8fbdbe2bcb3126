# file solutions/04-elf/elf_map.c
# loses 5
# Behind the file's part the last page keeps what the file has there.
/error = clear_tail(mm, file_end);/s/clear_tail(mm, file_end)/0/
s/^static int clear_tail/__unused static int clear_tail/
