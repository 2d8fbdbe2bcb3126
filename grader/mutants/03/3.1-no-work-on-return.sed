# file solutions/03-syscalls/entry.S
# loses 0-100
# Nobody asks for work on the way back.
/jnz return_with_work/d
