# file solutions/03-syscalls/files/fd.c
# loses 4
# One descriptor too many.
s/if (\*fd >= limit)/if (*fd > limit)/
