# file solutions/04-elf/script.c
# loses 4
# Blanks at the end of the line belong to the argument.
/while (end > line + 2 \&\& blank(end\[-1\]))/,+1d
