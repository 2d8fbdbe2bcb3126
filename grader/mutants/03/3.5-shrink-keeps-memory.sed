# file solutions/03-syscalls/memory/brk.c
# loses 3
# What lies above the new break stays mapped.
/if (new_end < old_end/,+1d
