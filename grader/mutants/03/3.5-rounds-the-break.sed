# file solutions/03-syscalls/memory/brk.c
# loses 3
# The break is rounded to pages.
s/mm->brk = brk;/mm->brk = ALIGN_UP(brk, PAGE_SIZE);/
