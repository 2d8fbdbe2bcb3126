# file solutions/07-dynlink/interp.c
# loses 18
# The interpreter's entry is not moved with it.
s/x->entry = image->entry + (u64)bias;/x->entry = image->entry;/
