# file solutions/07-dynlink/ldso/lookup.c
# loses 15
# Only the first symbol of a bucket is found.
s/^\t\tif (c & 1)$/\t\tif (true)/
