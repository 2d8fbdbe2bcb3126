# file solutions/04-elf/script.c
# loses 5
# Only the first word behind the path is the argument.
s/^\t\*name_end = .\\0.;/\t*name_end = 0;\n\tif (*argument)\n\t\t*skip_word(*argument, end) = 0;/
