# file solutions/07-dynlink/mmap_file.c
# loses 2
# Every mapping begins at the file's start.
s/vm_flags, object, offset, f);/vm_flags, object, 0, f);/
