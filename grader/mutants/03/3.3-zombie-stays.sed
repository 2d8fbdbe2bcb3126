# file solutions/03-syscalls/process/wait.c
# loses 17
# The child that was waited for is found again.
/if (!(q->options & WNOWAIT))/{
N
/family_unlink/d
}
