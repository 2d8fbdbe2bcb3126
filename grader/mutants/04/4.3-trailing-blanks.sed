# file solutions/04-elf/script.c
# loses 4
# Blanks at the line's end belong to the argument.
/while (end > line + 2 && blank(end\[-1\]))/,+1d
