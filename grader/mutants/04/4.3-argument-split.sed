# file solutions/04-elf/script.c
# loses 5
# Only the first word of the argument is passed.
s/\*argument = skip_blanks(name_end, end);/*argument = skip_blanks(name_end, end); *skip_word(*argument, end) = 0;/
