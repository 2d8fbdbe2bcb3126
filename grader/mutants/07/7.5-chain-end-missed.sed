# file solutions/07-dynlink/ldso/lookup.c
# loses 15
# The chain's last symbol is not looked at.
s/if ((c | 1) == (hash | 1) && matches(o, i, l))/if (c \& 1) return NULL;\n\t\tif ((c | 1) == (hash | 1) \&\& matches(o, i, l))/
