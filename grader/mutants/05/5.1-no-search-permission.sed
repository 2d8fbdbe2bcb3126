# file solutions/05-vfs/vfs/walk.c
# loses 4
# Directories are crossed without permission.
s/error = walk_may_search(w);/error = S_ISDIR(w->path.dentry->inode->mode) ? 0 : -ENOTDIR;/
