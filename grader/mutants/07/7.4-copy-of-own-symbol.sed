# file solutions/07-dynlink/ldso/reloc.c
# loses 15
# COPY finds the program's own symbol.
s/type == R_X86_64_COPY ? o : NULL/NULL/
