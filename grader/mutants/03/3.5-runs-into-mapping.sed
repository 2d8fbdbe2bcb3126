# file solutions/03-syscalls/memory/brk.c
# loses 3
# Nobody looks what lies above.
s/ || (above && above->start < new_end + PAGE_SIZE))/ || (above \&\& false))/
