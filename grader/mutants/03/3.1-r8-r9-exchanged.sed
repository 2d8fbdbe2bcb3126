# file solutions/03-syscalls/entry.S
# loses 6
# r8 and r9 come back exchanged.
s/pop %r9/pop %rXX/; s/pop %r8/pop %r9/; s/pop %rXX/pop %r8/
