# file solutions/03-syscalls/entry.S
# loses 10
# r12 and r13 come back in the wrong order.
s/pop %r13/pop %rXX/; s/pop %r12/pop %r13/; s/pop %rXX/pop %r12/
