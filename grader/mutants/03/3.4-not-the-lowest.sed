# file solutions/03-syscalls/files/fd.c
# loses 0-100
# Off by one: the search begins behind the wish.
s/fd_table_lowest_free(t, min)/fd_table_lowest_free(t, min + 1)/
