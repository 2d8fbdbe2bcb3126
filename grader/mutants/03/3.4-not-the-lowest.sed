# file solutions/03-syscalls/files/fd.c
# loses 5
# Off by one: the search begins behind the wish.
s/fd_table_lowest_free(t, min)/fd_table_lowest_free(t, min + 1)/
