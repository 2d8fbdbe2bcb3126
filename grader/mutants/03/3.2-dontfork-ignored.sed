# file solutions/03-syscalls/process/fork_mm.c
# loses 2
# MADV_DONTFORK makes no difference.
/if (a->flags & VM_DONTFORK)/,+1d
