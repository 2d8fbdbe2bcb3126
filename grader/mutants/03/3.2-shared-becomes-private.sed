# file solutions/03-syscalls/process/fork_mm.c
# loses 0-100
# Shared memory is protected like private memory.
s/c->shared = a->flags & VM_SHARED;/c->shared = false;/
