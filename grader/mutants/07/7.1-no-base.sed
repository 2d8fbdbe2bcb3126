# file solutions/07-dynlink/interp.c
# loses 5
# AT_BASE is not told.
/x->interp_base = (vaddr_t)bias;/d
