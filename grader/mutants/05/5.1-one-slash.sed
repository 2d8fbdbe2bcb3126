# file solutions/05-vfs/vfs/walk.c
# loses 17
# Only one slash is skipped.
s/while (\*w->rest == '\/')/if (*w->rest == '\/')/
