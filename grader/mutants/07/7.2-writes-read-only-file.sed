# file solutions/07-dynlink/mmap_file.c
# loses 6
# A file opened for reading can be written through a shared mapping.
s/if ((\*vm_flags & VM_SHARED) && !FILE_WRITABLE(f)) {/if (false) {/
