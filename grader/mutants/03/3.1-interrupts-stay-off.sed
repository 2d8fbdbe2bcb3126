# file solutions/03-syscalls/entry.S
# loses 0-100
# System calls run with interrupts off: nobody else runs meanwhile.
/^\tsti$/d
