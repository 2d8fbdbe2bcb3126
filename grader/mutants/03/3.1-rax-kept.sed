# file solutions/03-syscalls/entry.S
# loses 20
# The number of the call is kept where its result should be.
s/^\tpush %rax\t\t\t\/\* orig_rax \*\//\tpush $-1/
