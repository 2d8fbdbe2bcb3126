# file solutions/03-syscalls/process/wait.c
# loses 0-100
# WNOHANG waits.
s/if (result || q->options & WNOHANG)/if (result)/
