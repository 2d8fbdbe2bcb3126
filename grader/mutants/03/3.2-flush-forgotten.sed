# file solutions/03-syscalls/process/fork_mm.c
# loses 0-100
# The TLB still says that the parent may write.
/if (c.protected)/,+1d
