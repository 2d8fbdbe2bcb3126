# file solutions/07-dynlink/ldso/lookup.c
# loses 5
# Equal hash values are taken for equal names.
s/if ((c | 1) == (hash | 1) && matches(o, i, l))/if ((c | 1) == (hash | 1))/
s/^static bool matches/__attribute__((unused)) static bool matches/
