# file solutions/03-syscalls/process/fork_mm.c
# loses 4-9
# The TLB still says that the parent may write.
/if (c.protected)/,+1d
