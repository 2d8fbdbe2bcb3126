# file solutions/02-usermode/fault.c
# loses 9
# The reference that the object gave is kept after copying.
/^\tframe_put(f);/d
