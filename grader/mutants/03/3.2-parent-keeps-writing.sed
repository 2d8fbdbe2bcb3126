# file solutions/03-syscalls/process/fork_mm.c
# loses 9-13
# Only the child's entry loses its write permission: the child sees the parent's writes.
s/\*pte &= ~PTE_WRITE;/;/
s/\*to = \*pte;/*to = c->shared ? *pte : *pte \& ~PTE_WRITE;/
