# file solutions/03-syscalls/process/wait.c
# loses 3
# WNOWAIT takes the child all the same.
/if (!(q->options & WNOWAIT))/{
N
s/if (!(q->options & WNOWAIT))\n\t\tfamily_unlink/family_unlink/
}
