# file solutions/05-vfs/vfs/walk.c
# loses 16
# "." is looked up like a name.
s/return n->len == 1 && n->s\[0\] == '\.';/return false;/
