# file solutions/03-syscalls/process/fork_mm.c
# loses 25
# The child has the frame, but no reference to it.
/^\t\tframe_get(f);/d
