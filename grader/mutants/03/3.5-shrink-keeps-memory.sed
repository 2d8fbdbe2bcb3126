# file solutions/03-syscalls/memory/brk.c
# loses 0-100
# What lies above the new break stays mapped.
/if (new_end < old_end/,+1d
