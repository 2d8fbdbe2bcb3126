# file solutions/03-syscalls/files/fd.c
# loses 0-100
# One descriptor too many.
s/if (\*fd >= limit)/if (*fd > limit)/
