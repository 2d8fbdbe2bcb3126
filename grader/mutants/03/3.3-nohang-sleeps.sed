# file solutions/03-syscalls/process/wait.c
# loses 3
# WNOHANG waits.
s/if (result || q->options & WNOHANG)/if (result)/
