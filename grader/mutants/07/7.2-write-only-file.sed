# file solutions/07-dynlink/mmap_file.c
# loses 4
# A file opened for writing only can be read through a mapping.
/if (!FILE_READABLE(f))/,+1d
